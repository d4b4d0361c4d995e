// Package registry says where a container image comes from. One type, [Image], is taken by everything that runs
// containers, and grants just what pulling that image needs.
package registry
