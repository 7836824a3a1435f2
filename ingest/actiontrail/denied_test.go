package actiontrail

import "testing"

// What is refused by access control and what fails for another reason.
func TestDenied(t *testing.T) {
	const detail = `{"AccessDeniedDetail":{"NoPermissionType":"ImplicitDeny","AuthAction":"ess:CreateScalingGroup"}}`
	tests := []struct {
		service, code, message string
		want                   bool
	}{
		{"Ecs", "Forbidden.RAM", "User not authorized to operate on the specified resource, or this API doesn't support RAM.", true},
		{"Ecs", "forbidden.ram", "", true},
		{"Ecs", "Forbidden.SubUser", "User not authorized to operate on the specified resource as your account is created by another user.", true},
		{"Ram", "NoPermission", "You are not authorized to do this action. You should be authorized by RAM.", true},
		{"Sts", "NoPermission", "", true},
		{"Rds", "Forbidden", "User not authorized to operate on the specified resource.", true},
		{"Drds", "Forbidden.RAMSTS", "", true},
		{"Kms", "Forbidden.NoPermission", "", true},
		{"Cms", "NotAuthorized", "", true},
		{"Mns", "RamAuthError", "", true},
		{"CS", "StatusForbidden", "", true},
		{"Ots", "OTSNoPermissionAccess", "", true},
		{"Log", "Unauthorized", "denied by sts or ram, action: log:GetLogStoreLogs", true},
		{"Oss", "AccessDenied", "Access denied by bucket policy. EC 0003-00000201", true},
		{"Oss", "AccessDenied", "EC 0003-00000101", true},
		{"Oss", "AccessDenied", "EC 0003-00000203", true},
		{"Oss", "AccessDenied", "You have no right to access this object because of bucket acl.", true},
		{"Ons", "AccessDenied", "", true},
		{"Ess", "SomethingElse", detail, true},

		{"Ecs", "Forbidden.InstanceNotFound", "The specified instance does not exist.", false},
		{"Ecs", "Forbidden.RiskControl", "This operation is forbidden by risk control system.", false},
		{"Ecs", "ForbiddenX", "User not authorized to operate on the specified resource.", false},
		{"Ecs", "Forbidden", "", false},
		{"Ecs", "OperationDenied", "The specified operation is denied.", false},
		{"Ecs", "IncorrectInstanceStatus", "", false},
		{"Ecs", "InvalidInstanceId.NotFound", "", false},
		{"Ecs", "QuotaExceed.ElasticQuota", "", false},
		{"Ecs", "Throttling", "", false},
		{"Ecs", "InvalidAccessKeyId.NotFound", "", false},
		{"Sts", "MissingSecurityToken", "SecurityToken is mandatory for this action.", false},
		{"Log", "Unauthorized", "signature is not match", false},
		{"Oss", "AccessDenied", "Request has expired.", false},
		{"Oss", "AccessDenied", "EC 0002-00000040", false},
		{"Oss", "AccessDenied", "Invalid according to Policy: Policy expired.", false},
		{"Oss", "AccessDenied", "The bucket you are attempting to access must be addressed using the specified endpoint.", false},
		{"Oss", "AccessDenied", "You are denied by bucket referer policy.", false},
		{"Oss", "NoSuchKey", "", false},
	}
	met := map[string]bool{}
	for _, tt := range tests {
		if got := denied(tt.service, tt.code, tt.message); got != tt.want {
			t.Errorf("%s %s %q: denied %t, want %t", tt.service, tt.code, tt.message, got, tt.want)
		}
		for i := range refusals {
			r := &refusals[i]
			if tt.want && r.of(tt.code) && (len(r.texts) == 0 || holds(tt.message, r.texts)) {
				met[r.source] = true
			}
		}
	}
	for _, r := range refusals {
		if r.source == "" || !met[r.source] {
			t.Errorf("%q: source %q, and no case is about it", r.code, r.source)
		}
	}
}
