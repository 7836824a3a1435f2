package replay_test

import (
	"fmt"
	"math/rand/v2"
)

// A mix generates rows of every kind that a log holds, the same for a seed.
type mix struct {
	r    *rand.Rand
	n    int
	good bool // only records that can be judged
	tags bool // tag changes among them
}

func newMix(seed uint64) *mix { return &mix{r: rand.New(rand.NewPCG(seed, 7)), tags: true} }

func (m *mix) rows(n int) (rows []string) {
	for range n {
		rows = append(rows, m.row())
	}
	return rows
}

func pick[T any](m *mix, from ...T) T { return from[m.r.IntN(len(from))] }

func (m *mix) row() string {
	if !m.good && m.r.IntN(12) == 0 {
		return pick(m, `{"eventName":"Torn`, `[]`, `{}`, `{"eventName":"A"}`, "{\"eventName\":\"\xff\",\"serviceName\":\"Ecs\"}",
			`{"eventName":"A","serviceName":"Ecs","serviceName":"Ecs"}`, "nonsense", `{"eventName":7,"serviceName":"Ecs"}`)
	}
	m.n++
	r := record{id: fmt.Sprintf("E%06d", m.n), user: pick(m, "alice", "bob", "carol", "dave", "erin", "gone")}
	m.when(&r)
	m.call(&r)
	r.more = pick(m, "", "", `,"errorCode":"NoPermission","errorMessage":"no"`, `,"errorCode":"Throttling"`,
		fmt.Sprintf(`,"userAgent":"agent/%d"`, m.r.IntN(80)))
	if !m.good {
		m.caller(&r)
	}
	return r.String()
}

// when sets the time: mostly one of few, so that many are the same.
func (m *mix) when(r *record) {
	r.time = fmt.Sprintf("2026-03-%02dT%02d:00:00Z", 1+m.r.IntN(9), m.r.IntN(24))
	if !m.good && m.r.IntN(10) == 0 {
		r.time = pick(m, "never", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-07-20T20:17:40Z", "1750-01-01T00:00:00Z")
	}
}

// call sets what is called.
func (m *mix) call(r *record) {
	image := fmt.Sprintf("m-%d", m.r.IntN(4))
	instance := fmt.Sprintf("i-%d", m.r.IntN(6))
	region := `{"RegionId":"cn-hangzhou",`
	switch k := m.r.IntN(8); {
	case k < 2:
		r.name, r.params = pick(m, "StopInstance", "StartInstance"), region+fmt.Sprintf(`"InstanceId":%q}`, instance)
	case k == 2:
		r.name, r.params = "AttachDisk", region+fmt.Sprintf(`"InstanceId":%q,"DiskId":"d-%d"}`, instance, m.r.IntN(4))
	case k == 3:
		r.name, r.params = "RunInstances", region+fmt.Sprintf(`"ImageId":%q}`, image)
	case k == 4 && m.tags:
		r.name = pick(m, "TagResources", "UntagResources")
		typ, id := pick(m, "image", "instance"), instance
		if typ == "image" {
			id = image
		}
		key := pick(m, "team", "frozen", "environment")
		r.params = region + fmt.Sprintf(`"ResourceType":%q,"ResourceId.1":%q,"Tag.1.Key":%q,"Tag.1.Value":%q}`,
			typ, id, key, map[string]string{"team": "blue", "frozen": "yes", "environment": "production"}[key])
		if r.name == "UntagResources" {
			r.params = region + fmt.Sprintf(`"ResourceType":%q,"ResourceId.1":%q,"TagKey.1":%q}`, typ, id, key)
		}
	case k == 5:
		r.service, r.name = "Oss", "PutObject"
		r.params = region + fmt.Sprintf(`"BucketName":%q,"ObjectName":"a:b/%d"}`, pick(m, "photos", "books"), m.r.IntN(9))
	case k == 6:
		r.service, r.name = "Quux", fmt.Sprintf("Frobnicate%d", m.r.IntN(5))
	default:
		r.name = "DescribeInstances"
	}
}

// caller makes some calls those of somebody else than a user of the account.
func (m *mix) caller(r *record) {
	switch m.r.IntN(20) {
	case 0:
		r.account = "2000000000000002"
	case 1:
		r.typ, r.user = "root-account", "root"
	case 2:
		r.typ = "cloudsso-user"
	case 3:
		r.typ, r.user = "system", "ecs.aliyuncs.com"
	case 4:
		r.typ = "assumed-role"
		r.user += ":session"
	case 5:
		r.user = ""
	}
}
