package rules

// HasVPC is an attribute of a region of Alibaba Cloud: "true" if the account had a VPC
// there, "false" if it had none. A launch without a vSwitch makes one then. It is
// asked for like any attribute, with [RegionName] as the resource.
const HasVPC = "vpc:RegionHasVpc"

// RegionName names a region of an account as [Facts] are asked for it.
func RegionName(region, account string) string {
	return "acs:vpc:" + region + ":" + account + ":region/" + region
}
