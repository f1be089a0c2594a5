package cloud

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// template reads a template of CloudFormation, in YAML or JSON. What is neither, and what holds no security group, is passed over.
func (r *reader) template(data []byte) {
	if !Holds(r.path, data) {
		return
	}
	var file yaml.Node
	if err := yaml.Unmarshal(data, &file); err != nil {
		r.doubts = append(r.doubts, Doubt{Path: r.path, Line: 1, Column: 1, Why: "it is no YAML: " + firstLine(err)})
		return
	}
	if len(file.Content) == 0 {
		return
	}
	root := file.Content[0]
	t := template{r, member(root, "Parameters")}
	each(member(root, "Resources"), func(name string, resource *yaml.Node) {
		properties := member(resource, "Properties")
		c := change{r, "AWS::EC2::SecurityGroup " + name, resource.Line, resource.Column}
		switch scalar(member(resource, "Type")) {
		case "AWS::EC2::SecurityGroup":
			t.group(&c, member(properties, "SecurityGroupIngress"))
		case "AWS::EC2::SecurityGroupIngress":
			c.name = "AWS::EC2::SecurityGroupIngress " + name
			t.rule(&c, properties)
		}
	})
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// template is a template of CloudFormation.
type template struct {
	*reader
	parameters *yaml.Node
}

// member returns a member of a mapping; nil if there is none.
func member(n *yaml.Node, name string) (found *yaml.Node) {
	each(n, func(key string, v *yaml.Node) {
		if key == name {
			found = v
		}
	})
	return found
}

// each calls f for each member of a mapping.
func each(n *yaml.Node, f func(key string, v *yaml.Node)) {
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		f(n.Content[i].Value, n.Content[i+1])
	}
}

func scalar(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// group reads the rules of a security group: a list, or a single one.
func (t *template) group(c *change, rules *yaml.Node) {
	switch {
	case rules == nil:
	case rules.Kind == yaml.SequenceNode:
		for _, rule := range rules.Content {
			t.rule(c, rule)
		}
	default:
		t.rule(c, rules)
	}
}

// rule reads one rule as the fields of a block of Terraform.
func (t *template) rule(c *change, rule *yaml.Node) {
	if rule == nil {
		return
	}
	if rule.Kind != yaml.MappingNode || strings.HasPrefix(rule.Tag, "!") && !strings.HasPrefix(rule.Tag, "!!") || member(rule, "Fn::If") != nil {
		c.doubt(value{line: rule.Line, col: rule.Column}, "the rule is not known from the text alone")
		return
	}
	f := fields{map[string]value{}}
	each(rule, func(key string, v *yaml.Node) { f.attrs[key] = t.value(v) })
	c.rule(f, c.between(nil, "FromPort", "ToPort", "IpProtocol"), "CidrIp", "CidrIpv6")
}

// value is what a node comes to: a text, or a parameter's default.
func (t *template) value(n *yaml.Node) value {
	v := value{line: n.Line, col: n.Column}
	ref := scalar(member(n, "Ref"))
	if n.Tag == "!Ref" {
		ref = n.Value
	}
	switch {
	case ref != "":
		if def := member(member(t.parameters, ref), "Default"); def != nil && def.Kind == yaml.ScalarNode {
			v.kind, v.text = textValue, def.Value
		}
	case n.Kind == yaml.ScalarNode && strings.HasPrefix(n.Tag, "!!"):
		v.kind, v.text = textValue, n.Value
	}
	return v
}

// String names an opening for people: "tcp 22 from 0.0.0.0/0".
func (o Opening) String() string {
	switch {
	case o.Protocol == "all" && o.First == 0 && o.Last == lastPort:
		return "everything from " + o.Source
	case o.Protocol == "icmp":
		return "icmp from " + o.Source
	case o.First == 0 && o.Last == lastPort:
		return "all of " + o.Protocol + " from " + o.Source
	case o.First == o.Last:
		return fmt.Sprintf("%s %d from %s", o.Protocol, o.First, o.Source)
	}
	return fmt.Sprintf("%s %d-%d from %s", o.Protocol, o.First, o.Last, o.Source)
}
