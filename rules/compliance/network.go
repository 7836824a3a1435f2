package compliance

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"retrial/ingest"
)

// A groupRule is one rule of a security group as a call states it. What the call leaves
// out is "".
type groupRule struct {
	peer     string // the address range that it is for, as written
	source   string // likewise, before it is known which way the rule is for
	dest     string
	list     string // a list of such ranges, by its id
	protocol string // in capitals; "" is all
	ports    string
	denies   bool
	outgoing bool
}

// openings is what a call opens to the whole Internet.
type openings struct {
	open    []groupRule
	wide    bool // TCP, all protocols or all ports, for traffic that comes in
	unknown []string
}

// words returns the open rules in words, "" if there are none, and unknown if what
// nobody knows may be one.
func (o *openings) words() ref.Val {
	if len(o.open) == 0 && len(o.unknown) > 0 {
		return unknowns(o.unknown)
	}
	var parts []string
	for i := range o.open {
		if text := o.open[i].String(); !contains(parts, text) {
			parts = append(parts, text)
		}
	}
	slices.Sort(parts)
	return types.String(strings.Join(parts, ", "))
}

func (g *groupRule) String() string {
	protocol, ports, way := g.protocol, g.ports, " from "
	if protocol == "" {
		protocol = "ALL"
	}
	if g.outgoing {
		way = " to "
	}
	if ports != "" {
		protocol += " " + ports
	}
	return protocol + way + g.peer
}

// everyPort reports whether the rule is for all ports, or for a protocol without any.
func (g *groupRule) everyPort() bool {
	return contains([]string{"", "-1/-1", "1/65535", "0/65535", "1-65535", "0-65535"}, g.ports)
}

// widely reports whether the rule lets in what most attacks come by.
func (g *groupRule) widely() bool {
	return !g.outgoing && (contains([]string{"", "TCP", "ALL", "6", "-1"}, g.protocol) || g.everyPort() && g.protocol != "ICMP" && g.protocol != "ICMPV6")
}

// openings returns what the call opens.
func (s *scope) openings() *openings {
	c, o := s.call, &openings{}
	if len(c.Params) == 0 {
		o.unknown = []string{"SourceCidrIp"}
		return o
	}
	var list []groupRule
	if c.Cloud == ingest.Huawei {
		list = s.neutronRules(o)
	} else {
		list = s.groupRules(o)
	}
	if c.Truncated {
		o.unknown = append(o.unknown, "Permissions")
	}
	for _, outgoing := range []bool{false, true} {
		for _, family := range []string{".", ":"} {
			of := slices.DeleteFunc(slices.Clone(list), func(g groupRule) bool {
				return g.denies || g.outgoing != outgoing || !strings.Contains(g.peer, family)
			})
			o.add(of)
		}
	}
	for i := range list {
		if list[i].list != "" && !list[i].denies {
			o.unknown = append(o.unknown, "the ranges in "+list[i].list)
		}
	}
	return o
}

// add finds the rules of one way and family that open: each for half of all addresses or
// more, or all of them together. Two halves are as good as the whole (seed 000 asks for
// 0.0.0.0/0 by its text), whether they come in one call or in two.
func (o *openings) add(list []groupRule) {
	var ranges []netip.Prefix
	var open []groupRule
	for _, g := range list {
		p, err := netip.ParsePrefix(strings.TrimSpace(g.peer))
		if err != nil {
			if _, err := netip.ParseAddr(strings.TrimSpace(g.peer)); err != nil {
				o.unknown = append(o.unknown, "the address range "+g.peer)
			}
			continue
		}
		ranges = append(ranges, p.Masked())
		if p.Bits() <= 1 || p.Masked() == globalUnicast {
			open = append(open, g)
		}
	}
	if len(open) == 0 && len(ranges) > 1 && covers(ranges) {
		open = list
	}
	for i := range open {
		o.wide = o.wide || open[i].widely()
	}
	o.open = append(o.open, open...)
}

// globalUnicast holds all addresses of IPv6 that the Internet routes (RFC 4291).
var globalUnicast = netip.MustParsePrefix("2000::/3")

// covers reports whether ranges of one family hold all addresses.
func covers(ranges []netip.Prefix) bool {
	slices.SortFunc(ranges, func(a, b netip.Prefix) int { return a.Addr().Compare(b.Addr()) })
	next := netip.IPv4Unspecified()
	if ranges[0].Addr().Is6() {
		next = netip.IPv6Unspecified()
	}
	for _, p := range ranges {
		if next.Less(p.Addr()) {
			return false
		}
		last := lastAddr(p)
		if last.Less(next) {
			continue
		}
		if next = last.Next(); !next.IsValid() {
			return true
		}
	}
	return false
}

func lastAddr(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	last, _ := netip.AddrFromSlice(b)
	return last
}

// groupRules returns the rules of a call to ECS: the one that the parameters state
// themselves and those in Permissions, numbered or as JSON text.
func (s *scope) groupRules(o *openings) []groupRule {
	c := s.call
	var list []*groupRule
	at := map[string]*groupRule{}
	of := func(prefix string) *groupRule {
		if at[prefix] == nil {
			at[prefix] = &groupRule{}
			list = append(list, at[prefix])
		}
		return at[prefix]
	}
	for i := range c.Params {
		p := &c.Params[i]
		prefix, name := "", p.Name
		if strings.HasPrefix(name, "Permissions.") {
			dot := strings.LastIndexByte(name, '.')
			prefix, name = name[:dot], name[dot+1:]
		}
		if p.Value == "" || p.Kind == ingest.NullValue {
			continue
		}
		if p.Name == "Permissions" && p.Kind == ingest.StringValue {
			if !listed(p.Value, of) {
				o.unknown = append(o.unknown, "Permissions")
			}
			continue
		}
		// Both families may stand in one rule.
		if strings.HasPrefix(name, "Ipv6") {
			prefix += "/6"
		}
		of(prefix).set(name, p.Value)
	}
	var all []groupRule
	for prefix, g := range at { // each by itself, in any order
		if v4 := at[strings.TrimSuffix(prefix, "/6")]; v4 != nil && v4 != g {
			g.protocol, g.ports, g.denies = v4.protocol, v4.ports, v4.denies
		}
	}
	for _, g := range list {
		g.face(c.Event.Operation)
		all = append(all, *g)
	}
	s.keptSource(o, at[""])
	return all
}

// keptSource notes that a call which changes a rule leaves its source as it was.
func (s *scope) keptSource(o *openings, g *groupRule) {
	if !strings.HasPrefix(s.call.Event.Operation, "ModifySecurityGroup") || g == nil || g.denies {
		return
	}
	changes := false
	for _, name := range []string{"SourceCidrIp", "Ipv6SourceCidrIp", "DestCidrIp", "Ipv6DestCidrIp", "SourceGroupId", "DestGroupId",
		"SourcePrefixListId", "DestPrefixListId"} {
		if v, ok := s.call.Param(name); ok && v != "" {
			return
		}
	}
	for _, name := range []string{"IpProtocol", "PortRange", "Policy"} {
		_, ok := s.call.Param(name)
		changes = changes || ok
	}
	if changes {
		o.unknown = append(o.unknown, "SourceCidrIp")
	}
}

// face tells which way the rule is for. One for incoming traffic may name a destination
// too, which opens nothing.
func (g *groupRule) face(operation string) {
	g.outgoing = strings.Contains(operation, "Egress") || g.source == "" && strings.HasPrefix(operation, "Configure")
	if g.outgoing && g.dest != "" {
		g.peer = g.dest
	} else {
		g.peer = g.source
	}
}

// set sets what a parameter says of a rule.
func (g *groupRule) set(name, value string) {
	switch name {
	case "SourceCidrIp", "Ipv6SourceCidrIp":
		g.source = value
	case "DestCidrIp", "Ipv6DestCidrIp":
		g.dest = value
	case "SourcePrefixListId", "DestPrefixListId":
		g.list = value
	case "IpProtocol":
		g.protocol = strings.ToUpper(strings.TrimSpace(value))
	case "PortRange":
		g.ports = strings.TrimSpace(value)
	case "Policy":
		g.denies = strings.EqualFold(strings.TrimSpace(value), "drop")
	}
}

// listed sets the rules in a JSON text, and reports whether it could be read.
func listed(text string, of func(prefix string) *groupRule) bool {
	var rules []map[string]any
	if json.Unmarshal([]byte(text), &rules) != nil {
		return false
	}
	for i, r := range rules {
		prefix := "list." + strconv.Itoa(i)
		for name, value := range r {
			if v, ok := value.(string); ok && v != "" {
				at := prefix
				if strings.HasPrefix(name, "Ipv6") {
					at += "/6"
				}
				of(at).set(name, v)
			}
		}
	}
	return true
}

// neutronRules returns the rules of a call to the VPC service of Huawei Cloud, or to that
// of servers in its older form: security_group_rule.remote_ip_prefix, .cidr and so on,
// one or a numbered list of them.
func (s *scope) neutronRules(o *openings) []groupRule {
	var paths []string
	at := map[string]*neutronRule{}
	for i := range s.call.Params {
		p := &s.call.Params[i]
		dot := strings.LastIndexByte(p.Name, '.')
		if p.Kind == ingest.NullValue || dot < 0 {
			continue
		}
		path := p.Name[:dot]
		if at[path] == nil {
			at[path] = &neutronRule{}
			paths = append(paths, path)
		}
		at[path].set(p.Name[dot+1:], p.Value)
	}
	var list []groupRule
	for _, path := range paths {
		if r := at[path]; r.isRule {
			list = append(list, r.rule())
		}
	}
	if len(list) == 0 {
		o.unknown = append(o.unknown, "remote_ip_prefix")
	}
	return list
}

// A neutronRule is a rule of a security group as OpenStack has it.
type neutronRule struct {
	groupRule
	low, high string // ports
	ipv6      bool
	group     string // the peer is a security group
	isRule    bool
}

func (r *neutronRule) set(name, value string) {
	switch name {
	case "remote_ip_prefix", "cidr":
		r.peer, r.isRule = value, true
	case "remote_group_id", "group_id":
		r.group, r.isRule = value, true
	case "remote_address_group_id":
		r.list, r.isRule = value, true
	case "protocol", "ip_protocol":
		r.protocol, r.isRule = strings.ToUpper(value), true
	case "port_range_min", "from_port":
		r.low = value
	case "port_range_max", "to_port":
		r.high = value
	case "multiport":
		r.ports = value
	case "direction":
		r.outgoing, r.isRule = strings.EqualFold(value, "egress"), true
	case "ethertype":
		r.ipv6 = strings.EqualFold(value, "ipv6")
	case "action":
		r.denies = strings.EqualFold(value, "deny")
	}
}

// rule returns the rule. One without a peer is for every address.
func (r *neutronRule) rule() groupRule {
	if r.low != "" || r.high != "" {
		r.ports = r.low + "-" + r.high
	}
	if r.peer == "" && r.list == "" && r.group == "" {
		r.peer = "0.0.0.0/0"
		if r.ipv6 {
			r.peer = "::/0"
		}
	}
	return r.groupRule
}
