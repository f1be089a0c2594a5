package system

import "encoding/json"

// instanceData reads the parts of cloud-init's instance-data.json that are the same for all clouds: v1.cloud_name and v1.region.
func instanceData(data []byte, cloud string) (name, region string) {
	var d struct {
		V1 struct {
			Cloud  string `json:"cloud_name"`
			Region string `json:"region"`
		} `json:"v1"`
	}
	if json.Unmarshal(data, &d) != nil {
		return cloud, ""
	}
	if d.V1.Cloud != "" {
		cloud = d.V1.Cloud
	}
	return cloud, d.V1.Region
}
