package cloud

import (
	"fmt"
	"strings"
	"testing"
)

// told is what is read of files, as text: "main.tf:3 aws_security_group.a tcp 22 from 0.0.0.0/0".
func told(files map[string]string) string {
	data := map[string][]byte{}
	for name, text := range files {
		data[name] = []byte(text)
	}
	open, doubts := Read(data)
	var lines []string
	for _, o := range open {
		lines = append(lines, fmt.Sprintf("%s:%d %s %s", o.Path, o.Line, o.Resource, o))
	}
	for _, d := range doubts {
		lines = append(lines, fmt.Sprintf("%s:%d %s? %s", d.Path, d.Line, strings.TrimPrefix(d.Resource+" ", " "), d.Why))
	}
	return strings.Join(lines, "\n")
}

func TestTerraform(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"an inline rule": {`resource "aws_security_group" "a" {
  ingress {
    from_port = 22 # ssh
    to_port   = 22
    protocol  = "tcp"
    cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
  }
  egress {
    from_port = 0
    to_port = 0
    protocol = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}`, "main.tf:6 aws_security_group.a tcp 22 from 0.0.0.0/0"},
		"a private rule": {`resource "aws_security_group" "a" {
  ingress { 
    from_port = 22
    to_port = 22
    protocol = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}`, ""},
		"everything, over IPv6": {`resource "aws_security_group_rule" "a" {
  type = "ingress"
  from_port = 0
  to_port = 0
  protocol = "-1"
  ipv6_cidr_blocks = ["::/0"]
}`, "main.tf:6 aws_security_group_rule.a everything from ::/0"},
		"what goes out": {`resource "aws_security_group_rule" "a" {
  type = "egress"
  protocol = "-1"
  cidr_blocks = ["0.0.0.0/0"]
}`, ""},
		"a variable's default": {`variable "from" { default = "0.0.0.0/0" }
locals { port = 5432 }
resource "aws_vpc_security_group_ingress_rule" "db" {
  cidr_ipv4 = var.from
  from_port = local.port
  to_port = local.port
  ip_protocol = "tcp"
}`, "main.tf:4 aws_vpc_security_group_ingress_rule.db tcp 5432 from 0.0.0.0/0"},
		"a variable without a default": {`variable "from" {}
resource "aws_vpc_security_group_ingress_rule" "db" {
  cidr_ipv4 = var.from
  from_port = 1
  to_port = 1
  ip_protocol = "tcp"
}`, "main.tf:3 aws_vpc_security_group_ingress_rule.db ? cidr_ipv4 is not known from the text alone"},
		"a call and a condition": {`resource "aws_security_group_rule" "a" {
  type = "ingress"
  protocol = "tcp"
  from_port = 22
  to_port = 22
  cidr_blocks = concat(var.a, ["0.0.0.0/0"])
  description = var.x ? "a" : "b"
}`, "main.tf:6 aws_security_group_rule.a ? cidr_blocks is not known from the text alone"},
		"a loop": {`resource "aws_security_group" "a" {
  dynamic "ingress" {
    for_each = [for p in var.ports : p if p > 0]
    content { from_port = ingress.value }
  }
}`, "main.tf:2 aws_security_group.a ? a loop makes its rules, which are not known from the text alone"},
		"rules as a list": {`resource "aws_security_group" "a" {
  ingress = [{
    from_port = 6379, to_port = 6379, protocol = "tcp",
    cidr_blocks = ["0.0.0.0/0"], "description" : "x }] \" ${ "}" }"
  }]
}`, "main.tf:4 aws_security_group.a tcp 6379 from 0.0.0.0/0"},
		"Google": {`resource "google_compute_firewall" "a" {
  allow {
    protocol = "tcp"
    ports    = ["22", "8000-9000"]
  }
  source_ranges = ["0.0.0.0/0"]
}
resource "google_compute_firewall" "b" {
  allow { protocol = "icmp" }
}
resource "google_compute_firewall" "c" {
  allow { protocol = "tcp" }
  source_tags = ["web"]
}`, `main.tf:6 google_compute_firewall.a tcp 22 from 0.0.0.0/0
main.tf:6 google_compute_firewall.a tcp 8000-9000 from 0.0.0.0/0
main.tf:8 google_compute_firewall.b icmp from 0.0.0.0/0`},
		"Azure": {`resource "azurerm_network_security_rule" "a" {
  direction = "Inbound"
  access = "Allow"
  protocol = "Tcp"
  destination_port_range = "3389"
  source_address_prefix = "*"
}
resource "azurerm_network_security_group" "g" {
  security_rule {
    direction = "Inbound"
    access = "Deny"
    source_address_prefix = "Internet"
  }
  security_rule {
    direction = "Inbound"
    access = "Allow"
    protocol = "*"
    destination_port_ranges = ["22", "80"]
    source_address_prefix = "Internet"
  }
}`, `main.tf:6 azurerm_network_security_rule.a tcp 3389 from *
main.tf:19 azurerm_network_security_group.g all 22 from Internet
main.tf:19 azurerm_network_security_group.g all 80 from Internet`},
		"others": {`resource "digitalocean_firewall" "a" {
  inbound_rule {
    protocol = "tcp"
    port_range = "all"
    source_addresses = ["0.0.0.0/0", "::/0"]
  }
}
resource "hcloud_firewall" "a" {
  rule {
    direction = "in"
    protocol = "tcp"
    port = "any"
    source_ips = ["::/0"]
  }
}
resource "linode_firewall" "a" {
  inbound_policy = "ACCEPT"
}
resource "openstack_networking_secgroup_rule_v2" "a" {
  direction = "ingress"
  protocol = "udp"
  port_range_min = 53
  port_range_max = 53
  remote_ip_prefix = "0.0.0.0/0"
}`, `main.tf:5 digitalocean_firewall.a all of tcp from 0.0.0.0/0
main.tf:13 hcloud_firewall.a all of tcp from ::/0
main.tf:17 linode_firewall.a everything from inbound_policy = ACCEPT
main.tf:24 openstack_networking_secgroup_rule_v2.a udp 53 from 0.0.0.0/0`},
		"a heredoc and comments between": {`/* resource "aws_security_group_rule" "no" { cidr_blocks = ["0.0.0.0/0"] } */
resource "aws_instance" "i" {
  user_data = <<-EOT
    #!/bin/sh
    cidr_blocks = ["0.0.0.0/0"] }}}
  EOT
}
resource "aws_security_group_rule" "a" { // one
  type = "ingress"
  from_port = 443
  to_port = 443
  protocol = "6"
  cidr_blocks = ["0.0.0.0/0"]
}`, "main.tf:13 aws_security_group_rule.a tcp 443 from 0.0.0.0/0"},
		"what is no HCL": {"resource \"aws\" {\n  a = \"x\n}", "main.tf:2 ? a text is not closed"},
		"variables in a circle": {`locals {
  a = local.b
  b = local.a
}
resource "aws_security_group_rule" "a" {
  protocol = "tcp"
  cidr_blocks = local.a
}`, "main.tf:7 aws_security_group_rule.a ? cidr_blocks is not known from the text alone"},
	} {
		if got := told(map[string]string{"main.tf": c.text}); got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", name, got, c.want)
		}
	}
}

func TestVariablesOfOtherFiles(t *testing.T) {
	got := told(map[string]string{
		"variables.tf": "variable \"from\" {\n  type = list(string)\n  default = [\n    \"0.0.0.0/0\",\n  ]\n}",
		"main.tf":      "resource \"aws_security_group_rule\" \"a\" {\n  protocol = \"tcp\"\n  from_port = 22\n  to_port = 22\n  cidr_blocks = var.from\n}",
	})
	if want := "main.tf:5 aws_security_group_rule.a tcp 22 from 0.0.0.0/0"; got != want {
		t.Errorf("%s; want %s", got, want)
	}
}

func TestCloudFormation(t *testing.T) {
	yaml := `AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  From:
    Type: String
    Default: 0.0.0.0/0
  Other:
    Type: String
Resources:
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      SecurityGroupIngress:
        - IpProtocol: tcp
          FromPort: 22
          ToPort: 22
          CidrIp: !Ref From
        - IpProtocol: tcp
          FromPort: 80
          ToPort: 80
          CidrIp: 10.0.0.0/8
        - IpProtocol: tcp
          FromPort: 81
          ToPort: 81
          CidrIp: !Ref Other
        - !If [a, b, c]
  More:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      IpProtocol: "-1"
      CidrIpv6: ::/0
`
	want := `t.yaml:16 AWS::EC2::SecurityGroup Web tcp 22 from 0.0.0.0/0
t.yaml:30 AWS::EC2::SecurityGroupIngress More everything from ::/0
t.yaml:24 AWS::EC2::SecurityGroup Web ? CidrIp is not known from the text alone
t.yaml:25 AWS::EC2::SecurityGroup Web ? the rule is not known from the text alone`
	if got := told(map[string]string{"t.yaml": yaml}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	json := `{"Resources":{"A":{"Type":"AWS::EC2::SecurityGroup","Properties":{"SecurityGroupIngress":{"IpProtocol":"tcp","FromPort":3306,"ToPort":"3306","CidrIp":"0.0.0.0/0"}}}}}`
	if got := told(map[string]string{"t.json": json}); !strings.HasSuffix(got, "AWS::EC2::SecurityGroup A tcp 3306 from 0.0.0.0/0") {
		t.Errorf("JSON: %s", got)
	}
	if got := told(map[string]string{"x.yaml": "a: b", "y.yaml": "AWS::EC2::SecurityGroup: [", "z.json": "{"}); !strings.HasPrefix(got, "y.yaml:1 ? it is no YAML") || strings.Contains(got, "z.json") {
		t.Errorf("others: %s", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("resource \"aws_security_group\" \"a\" {\n ingress = [{a = -1}]\n x = <<E\nE\n}\n", "a: &a [*a]\nb: AWS::EC2::SecurityGroup")
	f.Add("a{b{c=\"${\"}\"}\"\n}}", "Resources: {A: {Type: AWS::EC2::SecurityGroup, Properties: {SecurityGroupIngress: [*x, !If a]}}}")
	f.Fuzz(func(t *testing.T, tf, template string) {
		open, doubts := Read(map[string][]byte{"a.tf": []byte(tf), "b.yaml": []byte(template)})
		for _, o := range open {
			if o.Line < 1 {
				t.Errorf("%v has no line", o)
			}
		}
		for _, d := range doubts {
			if d.Line < 1 || d.Why == "" {
				t.Errorf("%v has no line or reason", d)
			}
		}
	})
}
