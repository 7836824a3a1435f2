package main

import (
	"errors"
	"slices"

	"github.com/urfave/cli/v2"

	"retrial/report"
	"retrial/rules/catalog"
	"retrial/rules/textfile"
)

// catalogFlag is the flag of all commands that ask what calls are judged on.
func catalogFlag() cli.Flag {
	return listFlag("catalog", "take the table in `FILE`, as retrial rules catalog prints it, in place of the built-in one of its cloud")
}

// catalogs are the tables to judge by, one for each cloud.
type catalogs struct {
	tables []*catalog.Table
	files  []string // of the tables, "" for those that are built in
}

// maxCatalog is how long a file of tables may be; those that are built in have less than
// a hundredth of it.
const maxCatalog = 32 << 20

// builtinCatalogs returns the tables that are built in.
func builtinCatalogs() *catalogs {
	return &catalogs{tables: catalog.Builtin(), files: make([]string, len(catalog.Clouds()))}
}

// loadCatalogs reads the tables that --catalog names. Of the other clouds it takes those
// that are built in.
func loadCatalogs(c *cli.Context) (*catalogs, error) {
	all := builtinCatalogs()
	for _, name := range c.StringSlice("catalog") {
		text, err := textfile.Read(name, maxCatalog)
		if err != nil {
			return nil, usage("retrial rules catalog > FILE writes one to begin with", "%w", fromFlag("--catalog", err))
		}
		tables, err := catalog.Parse(name, string(text))
		if err != nil {
			hint := ""
			if e := new(catalog.Error); errors.As(err, &e) && e.Line == 1 {
				hint = "retrial rules catalog > FILE writes one to begin with"
			}
			return nil, &usageError{err, hint}
		}
		for _, t := range tables {
			i := slices.Index(catalog.Clouds(), t.Cloud())
			if all.files[i] != "" {
				return nil, usage("a cloud has one table", "--catalog %s: %s has the table of %s too", name, all.files[i], t.Cloud())
			}
			all.tables[i], all.files[i] = t, name
		}
	}
	return all, nil
}

// of returns the table of a cloud.
func (a *catalogs) of(cloud string) *catalog.Table {
	return a.tables[slices.Index(catalog.Clouds(), cloud)]
}

// inputs tells the report by which tables calls were judged.
func (a *catalogs) inputs() []report.CatalogInput {
	var list []report.CatalogInput
	for i, t := range a.tables {
		list = append(list, report.CatalogInput{Cloud: t.Cloud(), File: a.files[i], Title: t.Title(), Date: t.Date(), Hash: t.Hash(), Rows: t.Rows()})
	}
	return list
}
