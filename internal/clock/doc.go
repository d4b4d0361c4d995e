// Package clock tells which day it is, so that what depends on it can be tested and reproduced. Start with [Today].
package clock
