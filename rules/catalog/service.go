package catalog

// HasService reports whether the table has an operation of the service with a RAM
// code, so that an operation that it lacks is one of a service that it knows.
func (t *Table) HasService(code string) bool {
	for _, o := range t.actions {
		if o.Service == code {
			return true
		}
	}
	return false
}
