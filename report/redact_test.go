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
		{"names with a dash", "X-Api-Key=hunter2&private-key: hunter3&user-data=x", "X-Api-Key=[redacted]&private-key: [redacted]&user-data=[redacted]"},
		{"cookie", "Set-Cookie: sid=hunter2", "Set-Cookie: [redacted]"},
		{"value of a secret", "SecretData=hunter2 secret_value: hunter3", "SecretData=[redacted] secret_value: [redacted]"},
		{"list of names and values", `[{"Key":"DB_PASSWORD","Value":"hunter2"},{"Key":"a","Value":"b"}]`, `[{"Key":"DB_PASSWORD","Value":"[redacted]"},{"Key":"a","Value":"b"}]`},
		{"the same, value first", `[{"Value":"hunter2","Key":"password"},{"Value":"b","Key":"a"}]`, `[{"Value":"[redacted]","Key":"password"},{"Value":"b","Key":"a"}]`},
		{"the same, in a query", "Tag.1.Key=password&Tag.1.Value=hunter2&x=1", "Tag.1.Key=password&Tag.1.Value=[redacted]&x=1"},
		{"the same, escaped", `{\"name\":\"token\",\"value\":\"hunter2\"}`, `{\"name\":\"token\",\"value\":\"[redacted]\"}`},
		{"array", `{"password":["hunter2","x"],"n":1}`, `{"password":[redacted],"n":1}`},
		{"object", `{"password":{"a":["hunter2"]},"n":1}`, `{"password":[redacted],"n":1}`},
		{"array that is cut off", `{"password":["hunter2`, `{"password":[redacted]`},
		{"encoded for a URL", "https://x.example/?q=Password%3Dhunter2&z=1", "https://x.example/?q=Password%3D[redacted]&z=1"},
		{"JSON encoded for a URL", "q=%7B%22password%22%3A%22hunter2", "q=%7B%22password%22%3A%22[redacted]"},
		{"flag of a command line", "mysql --password hunter2 -h x", "mysql --password [redacted] -h x"},
		{"encoded name and value alone", "Password%3Dhunter2", "Password%3D[redacted]"},
		{"encoded, in the name of a resource", "acs:oss:*:1:b/password%3Dhunter2", "acs:oss:*:1:b/password%3D[redacted]"},
		{"XML alone", "<password>hunter2</password>", "<password>[redacted]"},
		{"XML", "<password>hunter2 </password>", "<password>[redacted] </password>"},
		{"URL whose password has an at sign", "mysql://root:hunt@er2@db.example/x", "mysql://root:[redacted]@db.example/x"},
		{"escaped line end", `Password:\nhunter2`, `Password:\n[redacted]`},
		{"escaped quote", `Password=\u0022hunter2`, `Password=\[redacted]`},
		{"private key", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----[redacted]-----END RSA PRIVATE KEY-----"},
		{"a policy name is no pass", "acs:ram::1:policy/bypass:v1", "acs:ram::1:policy/bypass:v1"},
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
