package report_test

import (
	"strings"
	"testing"

	"retrial/report"
)

func TestRedact(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"plain text", "aliyun-cli/3.0.277 (linux; amd64)", "aliyun-cli/3.0.277 (linux; amd64)"},
		{"an ARN of a secret is no secret", "acs:kms:cn-hangzhou:1:secret/db", "acs:kms:cn-hangzhou:1:secret/db"},
		{"the action to read one neither", "kms:GetSecretValue", "kms:GetSecretValue"},
		{"key and value", "Password=hunter2 and more", "Password=[redacted] and more"},
		{"a longer name", "DBPassword: hunter2, x", "DBPassword: [redacted], x"},
		{"connection string", "Server=db;User Id=sa;Pwd=hunter2;Encrypt=yes", "Server=db;User Id=sa;Pwd=[redacted];Encrypt=yes"},
		{"URL with a password", "mysql://root:hunter2@db.example/x", "mysql://root:[redacted]@db.example/x"},
		{"signed URL", "https://b.example/o?OSSAccessKeyId=LTAI5tABCDEFGHIJKL&Expires=1&Signature=abc%3D", "https://b.example/o?OSSAccessKeyId=LTAI****IJKL&Expires=1&Signature=[redacted]"},
		{"ak and sk of a URL", "http://x.example/?ak=abcd&sk=efgh&z=1", "http://x.example/?ak=[redacted]&sk=[redacted]&z=1"},
		{"security token", "x-oss-security-token=CAIS1234567890&a=b", "x-oss-security-token=[redacted]&a=b"},
		{"JSON", `{"UserName":"a","Password":"hunter2","n":1}`, `{"UserName":"a","Password":"[redacted]","n":1}`},
		{"JSON in a string", `{"x":"{\"password\":\"hunter2\",\"y\":2}"}`, `{"x":"{\"password\":\"[redacted]\",\"y\":2}"}`},
		{"user data", "UserData=IyEvYmluL2Jhc2g=", "UserData=[redacted]"},
		{"command content", `CommandContent: "rm -rf /data"`, `CommandContent: "[redacted]"`},
		{"header", "Authorization: Bearer abcdefghijkl", "Authorization: [redacted]"},
		{"token without a name", "curl bearer abcdefghijkl", "curl bearer [redacted]"},
		{"AccessKey id", "key LTAI5t2dz5jqrfujuak was used", "key LTAI****juak was used"},
		{"session AccessKey id", "STS.NUQNP4PiGyckMsNiGELCs", "STS.****ELCs"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := report.Redact(tt.text); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// FuzzRedact puts a secret into a text and looks for it afterwards.
func FuzzRedact(f *testing.F) {
	for _, s := range []string{"", "a=b&", `{"x":"`, "\\\"", "://", "token", "Pwd="} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "S3cr3tV4lu3"
		for _, text := range []string{before + " password=" + secret + " " + after, before + ` "secret":"` + secret + `" ` + after} {
			if got := report.Redact(text); strings.Contains(got, secret) {
				t.Errorf("Redact(%q) = %q", text, got)
			}
		}
	})
}
