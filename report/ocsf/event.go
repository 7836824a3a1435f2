package ocsf

// The attributes below are those that we fill, under the names and in the types of the
// schema. Times are milliseconds since 1970.

type event struct {
	ActivityID     int          `json:"activity_id"`
	ActivityName   string       `json:"activity_name"`
	CategoryUID    int          `json:"category_uid"`
	CategoryName   string       `json:"category_name"`
	ClassUID       int          `json:"class_uid"`
	ClassName      string       `json:"class_name"`
	TypeUID        int          `json:"type_uid"`
	TypeName       string       `json:"type_name"`
	Time           int64        `json:"time"`
	StartTime      *int64       `json:"start_time,omitempty"`
	EndTime        *int64       `json:"end_time,omitempty"`
	TimezoneOffset int          `json:"timezone_offset"`
	Count          int64        `json:"count"`
	SeverityID     int          `json:"severity_id"`
	Severity       string       `json:"severity"`
	StatusID       int          `json:"status_id"`
	Status         string       `json:"status"`
	StatusCode     string       `json:"status_code"`
	StatusDetail   string       `json:"status_detail"`
	ConfidenceID   int          `json:"confidence_id"`
	Confidence     string       `json:"confidence"`
	IsAlert        *bool        `json:"is_alert,omitempty"`
	Message        string       `json:"message"`
	Comment        string       `json:"comment,omitempty"`
	RiskDetails    string       `json:"risk_details,omitempty"`
	FindingInfo    findingInfo  `json:"finding_info"`
	Compliance     *compliance  `json:"compliance,omitempty"`
	Remediation    *remediation `json:"remediation,omitempty"`
	Cloud          cloud        `json:"cloud"`
	API            *api         `json:"api,omitempty"`
	Actor          *actor       `json:"actor,omitempty"`
	Resources      []resource   `json:"resources,omitempty"`
	Evidences      []evidence   `json:"evidences,omitempty"`
	Observables    []observable `json:"observables,omitempty"`
	Metadata       metadata     `json:"metadata"`
	Unmapped       unmapped     `json:"unmapped"`
}

type findingInfo struct {
	UID           string   `json:"uid"`
	Title         string   `json:"title"`
	Desc          string   `json:"desc"`
	Types         []string `json:"types"`
	Analytic      analytic `json:"analytic"`
	FirstSeenTime *int64   `json:"first_seen_time,omitempty"`
	LastSeenTime  *int64   `json:"last_seen_time,omitempty"`
	DataSources   []string `json:"data_sources,omitempty"`
}

type analytic struct {
	UID    string `json:"uid"`
	Name   string `json:"name"`
	TypeID int    `json:"type_id"`
	Type   string `json:"type"`
	Desc   string `json:"desc,omitempty"`
}

type compliance struct {
	Standards     []string `json:"standards"`
	Control       string   `json:"control"`
	Requirements  []string `json:"requirements"`
	Desc          string   `json:"desc,omitempty"`
	StatusID      int      `json:"status_id"`
	Status        string   `json:"status"`
	StatusDetails []string `json:"status_details,omitempty"`
	Checks        []check  `json:"checks"`
}

type check struct {
	UID        string   `json:"uid"`
	Name       string   `json:"name"`
	Desc       string   `json:"desc,omitempty"`
	Standards  []string `json:"standards"`
	SeverityID int      `json:"severity_id"`
	Severity   string   `json:"severity"`
	StatusID   int      `json:"status_id"`
	Status     string   `json:"status"`
}

type remediation struct {
	Desc       string   `json:"desc"`
	References []string `json:"references,omitempty"`
}

type cloud struct {
	Provider string   `json:"provider"`
	Region   string   `json:"region,omitempty"`
	Account  *account `json:"account,omitempty"`
}

type account struct {
	UID    string `json:"uid"`
	TypeID int    `json:"type_id"`
	Type   string `json:"type"`
}

type api struct {
	Operation string    `json:"operation"`
	Service   *service  `json:"service,omitempty"`
	Request   *request  `json:"request,omitempty"`
	Response  *response `json:"response,omitempty"`
}

type service struct {
	Name string `json:"name"`
}

type request struct {
	UID string `json:"uid"`
}

type response struct {
	Error string `json:"error"`
}

type actor struct {
	User user `json:"user"`
}

type user struct {
	UID     string   `json:"uid"`
	Name    string   `json:"name"`
	TypeID  int      `json:"type_id"`
	Type    string   `json:"type"`
	Account *account `json:"account,omitempty"`
}

type resource struct {
	UID    string `json:"uid"`
	Name   string `json:"name,omitempty"`
	Region string `json:"region,omitempty"`
	RoleID int    `json:"role_id"`
	Role   string `json:"role"`
}

type evidence struct {
	UID         string       `json:"uid,omitempty"`
	API         *api         `json:"api,omitempty"`
	Resources   []resource   `json:"resources,omitempty"`
	SrcEndpoint *endpoint    `json:"src_endpoint,omitempty"`
	HTTPRequest *httpRequest `json:"http_request,omitempty"`
	Data        call         `json:"data"`
}

type endpoint struct {
	IP   string `json:"ip,omitempty"`
	Name string `json:"name,omitempty"`
}

type httpRequest struct {
	UserAgent string `json:"user_agent"`
}

// A call is the rest of a sample, under the names of findings.jsonl.
type call struct {
	EventTime *int64 `json:"event_time"`
	Region    string `json:"region"`
	Recorded  string `json:"recorded"`
	Detail    string `json:"detail"`
	File      string `json:"file"`
	Row       int64  `json:"row"`
	Offset    int64  `json:"offset"`
}

type observable struct {
	Name   string `json:"name"`
	TypeID int    `json:"type_id"`
	Type   string `json:"type,omitempty"`
	Value  string `json:"value"`
}

type metadata struct {
	Version      string   `json:"version"`
	UID          string   `json:"uid"`
	EventCode    string   `json:"event_code"`
	Profiles     []string `json:"profiles"`
	Product      product  `json:"product"`
	LogName      string   `json:"log_name,omitempty"`
	LogProvider  string   `json:"log_provider"`
	OriginalTime string   `json:"original_time,omitempty"`
	TenantUID    string   `json:"tenant_uid,omitempty"`
}

type product struct {
	Name       string `json:"name"`
	UID        string `json:"uid"`
	VendorName string `json:"vendor_name"`
	Version    string `json:"version"`
}

// What is unmapped has the names of findings.jsonl.
type unmapped struct {
	Kind           string   `json:"kind"`
	Decision       string   `json:"decision"`
	Recorded       string   `json:"recorded"`
	Layer          string   `json:"layer"`
	Policy         string   `json:"policy"`
	Statement      *int     `json:"statement"`
	MissingKeys    []string `json:"missing_keys"`
	Certainty      string   `json:"certainty"`
	Regions        []string `json:"regions"`
	SourceIPs      []string `json:"source_ips"`
	SampleEventIDs []string `json:"sample_event_ids"`
	Compliance     []string `json:"compliance"`
	Suggestion     string   `json:"suggestion"`
}
