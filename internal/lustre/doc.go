// Package lustre holds what FSx for Lustre offers, for file systems of package storage and for StorageClasses of
// package eks. Start with [Throughputs].
package lustre
