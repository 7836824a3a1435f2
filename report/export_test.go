package report

// Advice is for the tests that know the catalogue.
var Advice = advice
