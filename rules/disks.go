package rules

import (
	"strings"

	"retrial/ingest"
	"retrial/rules/policy"
)

// A diskTest tells what a key asks of one disk, whose parameters begin with
// prefix: "true" or "false".
type diskTest func(a *Asker, prefix string) string

// encrypted: disks are not encrypted unless the call says so. INFERRED: an account
// that encrypts by default, or an encrypted snapshot, is not seen.
func encrypted(a *Asker, prefix string) string {
	value, _ := a.prefixed(prefix, "Encrypted")
	if value == "" {
		return "false"
	}
	return truthText(value)
}

// byok: encrypted with a key of the customer; without an id it is the key of the
// service (ECS, Encrypt custom images).
func byok(a *Asker, prefix string) string {
	key, _ := a.prefixed(prefix, "KMSKeyId")
	if key == "" || strings.HasPrefix(key, "alias/acs/") || encrypted(a, prefix) != "true" {
		return "false"
	}
	return "true"
}

func snapshots(a *Asker, prefix string) string {
	if id, _ := a.prefixed(prefix, "AutoSnapshotPolicyId"); id != "" {
		return "true"
	}
	return "false"
}

// prefixed returns the parameter whose name is prefix and name.
func (a *Asker) prefixed(prefix, name string) (string, bool) {
	for i := range a.call.Params {
		p := &a.call.Params[i]
		if len(p.Name) == len(prefix)+len(name) && p.Kind != ingest.NullValue &&
			strings.HasPrefix(p.Name, prefix) && p.Name[len(prefix):] == name {
			return p.Value, true
		}
	}
	return "", false
}

func (a *Asker) systemDiskEncrypted(int, *keySource, string) ([]string, policy.Presence) {
	return a.systemDisk("Encrypted", encrypted)
}

func (a *Asker) systemDiskByok(int, *keySource, string) ([]string, policy.Presence) {
	return a.systemDisk("KMSKeyId", byok)
}

func (a *Asker) systemDiskSnapshot(int, *keySource, string) ([]string, policy.Presence) {
	return a.systemDisk("AutoSnapshotPolicyId", snapshots)
}

// systemDisk asks something of the system disk. The replacement of one has the
// parameters without a prefix.
func (a *Asker) systemDisk(param string, test diskTest) ([]string, policy.Presence) {
	prefix := "SystemDisk."
	if a.call.Operation.Name == "ReplaceSystemDisk" {
		prefix = ""
	}
	if _, ok := a.prefixed(prefix, param); !ok {
		return a.left("false")
	}
	return a.one(test(a, prefix))
}

func (a *Asker) dataDisksEncrypted(int, *keySource, string) ([]string, policy.Presence) {
	return a.dataDisks(encrypted)
}

func (a *Asker) dataDisksByok(int, *keySource, string) ([]string, policy.Presence) {
	return a.dataDisks(byok)
}

func (a *Asker) dataDisksSnapshot(int, *keySource, string) ([]string, policy.Presence) {
	return a.dataDisks(snapshots)
}

// dataDisks asks something of the data disks, as one text over all of them in
// order: "true,false". INFERRED: policies look for "*false*" in it; how the cloud
// separates them is not documented. A call without data disks does not have the
// key.
func (a *Asker) dataDisks(test diskTest) ([]string, policy.Presence) {
	switch a.call.Operation.Name {
	case "CreateDisk":
		return a.one(test(a, ""))
	case "ReplaceSystemDisk":
		return nil, policy.Absent
	}
	mark := len(a.text)
	// The order is that of the record, which keeps that of the call; each disk
	// counts where its first parameter stands.
	disks := a.ids[:0]
	for i := range a.call.Params {
		prefix := diskPrefix(a.call.Params[i].Name)
		if prefix == "" {
			continue
		}
		more := appendID(disks, prefix)
		if len(more) == len(disks) {
			continue
		}
		disks = more
		if len(a.text) > mark {
			a.text = append(a.text, ',')
		}
		a.text = append(a.text, test(a, prefix)...)
	}
	a.ids = disks
	if len(a.text) > mark {
		return a.one(a.since(mark))
	}
	if a.parameters().template {
		return nil, policy.Unrecorded
	}
	return nil, policy.Absent
}

// diskPrefix returns what the names of the parameters of a data disk begin with:
// "DataDisk.1." of "DataDisk.1.Size"; "" for other parameters.
func diskPrefix(name string) string {
	number, ok := strings.CutPrefix(name, "DataDisk.")
	if !ok {
		return ""
	}
	rest := strings.TrimLeft(number, "0123456789")
	if rest == number || rest == "" || rest[0] != '.' {
		return ""
	}
	return name[:len(name)-len(rest)+1]
}
