// Package policy holds what several packages say in policies. Start with [OfThisAccount].
package policy
