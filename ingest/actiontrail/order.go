package actiontrail

import (
	"strings"

	"retrial/ingest"
	"retrial/ingest/jsontext"
)

// bought is what the console records for an order at a buy page, whatever it is
// for (ActionTrail, example of a purchase).
const bought = "Create"

// order takes the parameters of an order from additionalEventData, where
// <order id>.articleConfig holds them: as they stand under "articleConfig.NAME", and
// of an instance under the names of RunInstances as well. An order for an instance is
// a launch, and its action is that of one (INFERRED: policies have no name of their
// own for it). The order does not tell all that a launch does, such as whether disks
// are encrypted.
func (d *Decoder) order() {
	launch := d.launched()
	if d.scan.ResetString(d.ev.Additional); d.ev.Additional != "" && d.scan.At(0) == '{' {
		var o jsontext.Object
		for i := d.scan.Begin(&o, 0); i >= 0; {
			id, _, at := d.scan.Member(&o, nil, i)
			if id == jsontext.End || at < 0 {
				break
			}
			i = d.orderOf(at)
		}
	}
	d.ev.Truncated = true
	if _, ok := d.ev.Param("ImageId"); strings.EqualFold(d.ev.Service, "ecs") && (ok || launch) {
		d.ev.Action = d.nameAction("RunInstances")
	}
}

// launched reports whether the record refers to an instance of ECS.
func (d *Decoder) launched() bool {
	for i := range d.ev.Refs {
		if strings.EqualFold(d.ev.Refs[i].Type, "ACS::ECS::Instance") {
			return true
		}
	}
	return false
}

// orderOf reads one member of additionalEventData, which is an order if it has an
// articleConfig.
func (d *Decoder) orderOf(i int) int {
	if d.scan.At(i) != '{' {
		return d.scan.Value(i)
	}
	var o jsontext.Object
	for i = d.scan.Begin(&o, i); i >= 0; {
		id, name, at := d.scan.Member(&o, nil, i)
		switch {
		case id == jsontext.End:
			return at
		case at < 0:
			return jsontext.Bad
		case name == "articleConfig" && d.scan.At(at) == '{':
			i = d.article(at)
		default:
			i = d.scan.Value(at)
		}
	}
	return jsontext.Bad
}

// article reads what was ordered.
func (d *Decoder) article(i int) int {
	n := len(d.ev.Params)
	i = d.scan.ParamsBelow("articleConfig", i)
	for _, p := range d.ev.Params[n:] {
		d.launchParams(strings.TrimPrefix(p.Name, "articleConfig."), p.Value)
	}
	return i
}

// launchParams adds what an entry of an articleConfig says of a launch. INFERRED
// from two examples:
//
//	vm_os          linux,64,centos_8_3_x64_20G_alibase_20210318.vhd
//	instance_type  ecs.g6,ecs-5,ecs.g6.large
//	systemdisk     cloud_efficiency,/dev/xvda,80
//	datadisk       cloud_ssd,40,true
func (d *Decoder) launchParams(entry, value string) {
	parts := strings.Split(value, ",")
	if len(parts) != 3 {
		return
	}
	switch entry {
	case "vm_os":
		d.scan.Param("ImageId", parts[2], ingest.StringValue)
	case "instance_type":
		d.scan.Param("InstanceType", parts[2], ingest.StringValue)
	case "systemdisk":
		d.scan.Param("SystemDisk.Category", parts[0], ingest.StringValue)
		d.scan.Param("SystemDisk.Size", parts[2], ingest.StringValue)
	case "datadisk":
		d.scan.Param("DataDisk.1.Category", parts[0], ingest.StringValue)
		d.scan.Param("DataDisk.1.Size", parts[1], ingest.StringValue)
	}
}
