package html_test

import (
	"context"
	stdcsv "encoding/csv"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"retrial/report"
	"retrial/report/html"
)

// chromium starts a browser for the test, or skips it where there is none.
func chromium(t testing.TB) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium on the path: what the page does in a browser is not tested here")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, // tests run as root in containers
		chromedp.Flag("disable-dev-shm-usage", true))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("%s does not start: %v", path, err)
	}
	return ctx
}

// A tab shows a page, and keeps what the page must not do.
type tab struct {
	t   testing.TB
	ctx context.Context
	url string

	mu    sync.Mutex
	wrong []string // errors of the console, requests
}

// open opens a page in a new tab, at a place in it, and waits for its list.
func open(t testing.TB, ctx context.Context, page, hash string) *tab {
	t.Helper()
	p := blank(t, ctx, page)
	p.goTo(hash)
	p.await(`performance.getEntriesByName("retrial-ready").length > 0`)
	return p
}

// blank opens a new tab for a page.
func blank(t testing.TB, ctx context.Context, page string) *tab {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	p := &tab{t: t, ctx: ctx, url: (&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()}
	if err := chromedp.Listen(ctx, p.watch); err != nil {
		t.Fatal(err)
	}
	_, err1 := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	_, err2 := chromedp.Call(ctx, log.Enable, cdp.Empty{})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, w := range p.wrong {
			t.Error(w)
		}
	})
	return p
}

// watch notes all that the console tells and all requests but that for the page.
func (p *tab) watch(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		p.wrong = append(p.wrong, "exception: "+ev.ExceptionDetails.Text+" "+ev.ExceptionDetails.Exception.Description)
	case *runtime.EventConsoleAPICalled:
		p.wrong = append(p.wrong, fmt.Sprint("console: ", ev.Type))
	case *log.EventEntryAdded:
		p.wrong = append(p.wrong, fmt.Sprint("log: ", ev.Entry.Level, ": ", ev.Entry.Text))
	case *network.EventRequestWillBeSent:
		to := ev.Request.URL
		if before, _, _ := strings.Cut(to, "#"); before != p.url && !strings.HasPrefix(to, "data:image/svg+xml") && !strings.HasPrefix(to, "blob:") {
			p.wrong = append(p.wrong, "request: "+to)
		}
	}
}

func (p *tab) goTo(hash string) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.Navigate(p.url+hash)); err != nil {
		p.t.Fatal(err)
	}
}

// eval returns the value of an expression.
func eval[T any](p *tab, js string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](js))
	if err != nil {
		p.t.Fatalf("%s: %v", js, err)
	}
	return v
}

// await waits until an expression is true.
func (p *tab) await(js string) {
	p.t.Helper()
	for range 400 {
		if eval[bool](p, js) {
			return
		}
		select { // the page works meanwhile
		case <-p.ctx.Done():
			p.t.Fatalf("%s: %v", js, p.ctx.Err())
		case <-time.After(25 * time.Millisecond):
		}
	}
	p.t.Fatalf("never true: %s; the page says %q", js, eval[string](p, `document.getElementById("shown")?.textContent ?? ""`))
}

func (p *tab) press(keys string) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, chromedp.KeyEvent(keys)); err != nil {
		p.t.Fatal(err)
	}
}

// do runs statements.
func (p *tab) do(js string) { p.t.Helper(); eval[bool](p, "(() => {"+js+"; return true })()") }

func (p *tab) click(selector string) {
	p.t.Helper()
	p.do(fmt.Sprintf("document.querySelector(%q).click()", selector))
}

func (p *tab) says(want string) {
	p.t.Helper()
	p.await(fmt.Sprintf("document.getElementById('shown').textContent === %q", want))
}

const (
	escape = "\x1b"
	enter  = "\r"
)

func TestBrowserList(t *testing.T) {
	ctx := chromium(t)
	r := generated(3000)
	text := page(t, r, html.Options{})
	count := func(ok func(*report.Finding) bool) (n int) {
		for f := range r.Rows {
			if ok(f) {
				n++
			}
		}
		return n
	}
	of := func(n int) string { return grouped(n) + " of 3,000 findings" }
	some := sampled(r, 1777)

	t.Run("all", func(t *testing.T) {
		p := open(t, ctx, text, "")
		p.says("All 3,000 findings of the list")
		if n := eval[int](p, `document.querySelectorAll("#sizer .row").length`); n < 5 || n > 60 {
			t.Errorf("%d rows are in the document", n)
		}
		p.do(`const v = document.getElementById("view"); v.scrollTop = v.scrollHeight`)
		p.await(`document.getElementById("place-2999") !== null`)
	})
	t.Run("search", func(t *testing.T) {
		p := open(t, ctx, text, "")
		p.press("/")
		p.await(`document.activeElement.id === "q"`)
		p.press("Member-004 DELETEdisks")
		p.says(of(count(func(f *report.Finding) bool {
			return strings.Contains(f.Principal, "member-004") && strings.HasSuffix(f.Action, "DeleteDisks")
		})))
		p.press(escape)
		p.says("All 3,000 findings of the list")
	})
	filters := []struct {
		name, value string
		ok          func(f *report.Finding) bool
	}{
		{"kind", "broad", func(f *report.Finding) bool { return f.Kind == "broad" }},
		{"rule", "access-revoked", func(f *report.Finding) bool { return f.Rule == "access-revoked" }},
		{"principal", "MEMBER-001", func(f *report.Finding) bool { return strings.Contains(f.Principal, "member-001") }},
		{"principal", "*/member-001?", func(f *report.Finding) bool { return false }},
		{"principal", "acs:*-0017", func(f *report.Finding) bool { return f.Principal == user("member-0017") }},
		{"service", "ecs", func(f *report.Finding) bool { return strings.HasPrefix(f.Action, "ecs:") }},
		{"account", "7e0d78c850d0b9b7cba", func(f *report.Finding) bool { return f.Cloud == "huawei" }},
		{"region", "cn-beijing", func(f *report.Finding) bool { return slices.Contains(f.Regions, "cn-beijing") }},
		{"decision", "none", func(f *report.Finding) bool { return f.Decision == "" }},
		{"status", "muted", func(f *report.Finding) bool { return f.Muted != "" }},
		{"status", "new", func(f *report.Finding) bool { return f.Muted == "" && f.Status == "new" }},
		{"certainty", "possible", func(f *report.Finding) bool { return f.Certainty == "possible" }},
	}
	t.Run("filters", func(t *testing.T) {
		p := open(t, ctx, text, "")
		for _, f := range filters {
			kind := "change"
			if f.name == "principal" {
				kind = "input"
			}
			p.do(fmt.Sprintf(`const e = document.getElementById("by-%s"); e.value = %q; e.dispatchEvent(new Event(%q))`, f.name, f.value, kind))
			if n := count(f.ok); n > 0 {
				p.says(of(n))
			} else {
				p.says("No finding of 3,000 matches; reset the filters to see them")
			}
			p.click("#clear")
			p.says("All 3,000 findings of the list")
		}
		p.click("#by-severity button:nth-child(1)")
		p.click("#by-severity button:nth-child(2)")
		p.says(of(count(func(f *report.Finding) bool { return f.Severity == "critical" || f.Severity == "high" })))
		if got := eval[string](p, `location.hash`); got != "#severity=critical%2Chigh" {
			t.Errorf("link is %q", got)
		}
	})
	t.Run("order", func(t *testing.T) {
		p := open(t, ctx, text, "")
		var most int64
		for f := range r.Rows {
			most = max(most, f.Calls)
		}
		head := func(by string) string { return fmt.Sprintf(`[role=columnheader][data-by=%s]`, by) }
		sorted := func(by string) string {
			return eval[string](p, fmt.Sprintf("document.querySelector('%s').getAttribute('aria-sort')", head(by)))
		}
		top := func(cell string) string {
			return eval[string](p, fmt.Sprintf(`document.querySelector("#place-0 .%s").textContent`, cell))
		}
		if got := sorted("severity"); got != "descending" {
			t.Errorf("by severity: %q", got)
		}
		p.click(head("calls") + " button")
		if got, want := sorted("calls")+" "+top("num"), "descending "+grouped(int(most))+"calls"; got != want {
			t.Errorf("by calls: got %q, want %q", got, want)
		}
		if got := sorted("severity"); got != "none" {
			t.Errorf("by calls, severity: %q", got)
		}
		p.click(head("calls") + " button")
		if got, want := sorted("calls")+" "+top("num"), "ascending 1call"; got != want {
			t.Errorf("by calls, again: got %q, want %q", got, want)
		}
		p.click(head("principal") + " button")
		first := some.Principal
		for f := range r.Rows {
			first = min(first, f.Principal)
		}
		if got := eval[string](p, `document.querySelector("#place-0 .who code").title`); got != first {
			t.Errorf("by principal: first is %q, want %q", got, first)
		}
		if got := eval[string](p, `location.hash`); got != "#sort=principal" {
			t.Errorf("link is %q", got)
		}
	})
	t.Run("link", func(t *testing.T) {
		p := open(t, ctx, text, "#f-"+some.ID+"&rule="+some.Rule+"&sort=-last_seen")
		p.await(`document.getElementById("reader").open`)
		body := eval[string](p, `document.getElementById("reading").textContent`)
		for _, want := range []string{some.Title, some.Principal, some.Action, some.Resource, some.Detail, "line 1,778 of findings.jsonl"} {
			if !strings.Contains(body, want) {
				t.Errorf("finding %s does not say %q", some.ID, want)
			}
		}
		p.says(of(count(func(f *report.Finding) bool { return f.Rule == some.Rule })))
		p.click("#close")
		p.await(`location.hash === "#rule=` + some.Rule + `&sort=-last_seen"`)
		p.do(`location.hash = "#f-` + sampled(r, 0).ID + `"`)
		p.await(`document.getElementById("reader").open`)
		if body := eval[string](p, `document.getElementById("reading").textContent`); !strings.Contains(body, "Decision trace") {
			t.Error("the first finding has no trace")
		}
		p.do(`location.hash = "#coverage"`)
		p.await(`!document.getElementById("reader").open`)
	})
	t.Run("keys", func(t *testing.T) {
		p := open(t, ctx, text, "")
		p.press("j")
		p.await(`document.activeElement.id === "list"`)
		p.press("jj")
		p.await(`document.getElementById("list").getAttribute("aria-activedescendant") === "place-2"`)
		p.press("k" + enter)
		p.await(`document.getElementById("reader").open && document.getElementById("place").textContent === "2 of 3,000"`)
		p.press("j")
		p.await(`document.getElementById("place").textContent === "3 of 3,000"`)
		p.press(escape)
		p.await(`!document.getElementById("reader").open && document.activeElement.id === "list" && location.hash === ""`)
		p.press("?")
		p.await(`document.getElementById("help").open`)
		p.press(escape)
		p.await(`!document.getElementById("help").open`)
	})
	t.Run("mute", func(t *testing.T) {
		p := open(t, ctx, text, "#f-"+some.ID)
		p.do(`Object.defineProperty(navigator, "clipboard", { value: { writeText: (s) => { window.copied = s; return Promise.resolve(); } } })`)
		p.click("#copy-mute")
		want := fmt.Sprintf("- rule: %q\n  principal: %q\n  action: %q\n  resource: %q\n  account: %q\n  reason: \"\"", some.Rule, some.Principal, some.Action, some.Resource, some.Account)
		if got := eval[string](p, `window.copied`); !strings.HasPrefix(got, want) || !strings.Contains(got, "\n  owner: \"\"") || !strings.Contains(got, "\n  expires: 2") {
			t.Errorf("got %s\nwant %s", got, want)
		}
	})
	t.Run("table", func(t *testing.T) {
		p := open(t, ctx, text, "#rule="+some.Rule)
		dir := t.TempDir()
		if _, err := chromedp.CallBrowser(p.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
			Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir}); err != nil {
			t.Fatal(err)
		}
		p.click("#download")
		rows := downloaded(t, p, filepath.Join(dir, "findings-filtered.csv"))
		want := count(func(f *report.Finding) bool { return f.Rule == some.Rule })
		if len(rows) != want+1 {
			t.Fatalf("got %d rows, want %d and a header", len(rows), want)
		}
		column := func(name string) int { return slices.Index(rows[0], name) }
		i := 1
		for f := range r.Rows {
			if f.Rule != some.Rule {
				continue
			}
			got := []string{rows[i][column("finding_id")], rows[i][column("resource")], rows[i][column("last_seen")], rows[i][column("detail")]}
			seen := ""
			if f.LastSeen != nil {
				seen = f.LastSeen.UTC().Format(time.RFC3339)
			}
			detail := f.Detail
			if strings.HasPrefix(detail, "=") {
				detail = "'" + detail
			}
			if diff := cmp.Diff([]string{f.ID, f.Resource, seen, detail}, got); diff != "" {
				t.Fatalf("row %d (-want +got)\n%s", i, diff)
			}
			i++
		}
	})
	t.Run("theme", func(t *testing.T) {
		p := blank(t, ctx, text)
		features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}
		if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features}); err != nil {
			t.Fatal(err)
		}
		p.goTo("")
		ground := func() string { return eval[string](p, `getComputedStyle(document.body).backgroundColor`) }
		if got := ground(); got != "rgb(18, 20, 23)" {
			t.Errorf("dark by preference: got %s", got)
		}
		p.click("#theme")
		if got := ground(); got != "rgb(252, 252, 251)" {
			t.Errorf("light by choice: got %s", got)
		}
		p.do(`localStorage.removeItem("retrial-theme")`)
	})
	t.Run("narrow", func(t *testing.T) {
		for _, width := range []int64{390, 640} { // a phone; 1,280 at twice the size
			p := blank(t, ctx, text)
			if err := chromedp.Do(p.ctx, chromedp.EmulateViewport(width, 800)); err != nil {
				t.Fatal(err)
			}
			p.goTo("#f-" + some.ID)
			p.await(`document.getElementById("reader").open`)
			for _, e := range []string{"document.documentElement", `document.getElementById("reading")`, `document.getElementById("list")`} {
				if over := eval[int](p, e+".scrollWidth - "+e+".clientWidth"); over > 0 {
					t.Errorf("at %d pixels %s is %d wider than its room", width, e, over)
				}
			}
		}
	})
	t.Run("no script", func(t *testing.T) {
		p := blank(t, ctx, text)
		if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
			t.Fatal(err)
		}
		p.goTo("")
		visible := func(selector string) bool {
			return eval[bool](p, fmt.Sprintf(`document.querySelector(%q).getClientRects().length > 0`, selector))
		}
		for selector, want := range map[string]bool{"article.finding": true, "#timeline svg": true, ".plain-only": true, "#list": false, "#theme": false} {
			if got := visible(selector); got != want {
				t.Errorf("%s is visible: %v, want %v", selector, got, want)
			}
		}
	})
	t.Run("paper", func(t *testing.T) {
		p := open(t, ctx, text, "#severity=critical")
		if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
			t.Fatal(err)
		}
		p.do(`dispatchEvent(new Event("beforeprint"))`)
		if eval[bool](p, `document.getElementById("list").getClientRects().length > 0`) || !eval[bool](p, `document.querySelector("article .samples").getClientRects().length > 0`) {
			t.Error("on paper the list is shown, or details are not")
		}
		if n := eval[int](p, `document.querySelectorAll("#sev-high article:not([hidden])").length`); n > 0 {
			t.Errorf("%d findings of another severity are printed", n)
		}
	})
}

// downloaded waits for a file and reads it.
func downloaded(t *testing.T, p *tab, file string) [][]string {
	t.Helper()
	for range 400 {
		if b, err := os.ReadFile(file); err == nil && len(b) > 0 {
			rows, err := stdcsv.NewReader(strings.NewReader(string(b))).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			return rows
		}
		select {
		case <-p.ctx.Done():
			t.Fatal(p.ctx.Err())
		case <-time.After(25 * time.Millisecond):
		}
	}
	t.Fatalf("%s did not come", file)
	return nil
}

// In a browser too, hostile text gives the elements and attributes of a benign page:
// those that the script makes of it.
func TestBrowserHostileText(t *testing.T) {
	ctx := chromium(t)
	const shape = `(() => {
		const names = new Set();
		for (const e of document.querySelectorAll("*")) {
			names.add(e.tagName + " " + Array.from(e.attributes, (a) => a.name).sort().join(" "));
		}
		return Array.from(names).sort().join("\n");
	})()`
	seen := func(t *testing.T, r *report.Results) string {
		p := open(t, ctx, page(t, r, html.Options{}), "")
		p.press("j" + enter)
		p.await(`document.getElementById("reader").open`)
		for range 6 {
			p.press("j")
		}
		return eval[string](p, shape)
	}
	benign := strings.Split(seen(t, results()), "\n")
	for i, h := range hostile {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			r := results()
			mutate(r, func(s string) string { return s + h })
			for e := range strings.SplitSeq(seen(t, r), "\n") {
				if !slices.Contains(benign, e) {
					t.Errorf("new element %s", e)
				}
			}
		})
	}
}

// BenchmarkReady tells how soon the page of many findings can be used in Chromium.
func BenchmarkReady(b *testing.B) {
	for _, n := range []int{1000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ctx := chromium(b)
			text := page(b, generated(n), html.Options{})
			var first, ready, found float64
			for b.Loop() {
				p := open(b, ctx, text, "")
				first += eval[float64](p, `performance.getEntriesByName("retrial-first")[0]?.startTime ?? 0`)
				ready += eval[float64](p, `performance.getEntriesByName("retrial-ready")[0].startTime`)
				p.do(`const q = document.getElementById("q"), s = document.getElementById("shown"); window.typed = performance.now(); q.value = "member-0042"; q.dispatchEvent(new Event("input"));
					new MutationObserver(() => { window.told = performance.now() }).observe(s, { childList: true })`)
				p.await(`window.told !== undefined`)
				found += eval[float64](p, `told - typed`)
			}
			b.ReportMetric(first/float64(b.N), "ms-to-first-rows")
			b.ReportMetric(ready/float64(b.N), "ms-to-all-rows")
			b.ReportMetric(found/float64(b.N), "ms-to-search")
			b.ReportMetric(float64(len(text)), "bytes/page")
		})
	}
}
