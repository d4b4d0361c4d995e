package nearest

import "strings"

// maxTypos is how many letters a name may differ in from the known one that was probably meant.
const maxTypos = 2

// Of returns the known name that is closest to a name, in whatever case, or "" if none is close. The first of several wins.
func Of(name string, known []string) (meant string) {
	minDistance := maxTypos + 1
	for _, k := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(k)); d < minDistance {
			minDistance, meant = d, k
		}
	}
	return meant
}

// distance is the number of letters to insert, delete or replace to turn one text into another (Levenshtein).
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1) // the distances of what was read of a to each beginning of b
	for j := range row {
		row[j] = j
	}
	for i, letter := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, other := range to {
			replace := diagonal
			if letter != other {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, diagonal+1)
		}
	}
	return row[len(to)]
}
