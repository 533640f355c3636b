package graph

// Standing is standing, for the tests.
var Standing = standing
