package shared

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// Series is a time series of a value a minute; NaN is a missing one.
type Series []float64

// EvaluateMetricMath calculates an expression of CloudWatch's metric math on time series of the same length, as AWS documents it: in
// arithmetic and in comparisons of two series a missing value is 0 if the other one is there, what is divided by 0 is dropped, and so is
// what IF has no condition or no value for. It knows numbers, names, + - * /, comparisons, AND, OR, IF and FILL.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
func EvaluateMetricMath(expression string, named map[string]Series) (Series, error) {
	p := mathParser{text: expression, named: named}
	for _, s := range named {
		p.length = len(s)
	}
	v := p.logical()
	p.space()
	if p.err == nil && p.at < len(p.text) {
		p.fail("unexpected %q", p.text[p.at:])
	}
	if p.err != nil {
		return nil, p.err
	}
	return v.series(p.length), nil
}

// mathValue is a series or a number.
type mathValue struct {
	of     Series
	number float64
}

func (v mathValue) series(length int) Series {
	if v.of != nil {
		return v.of
	}
	s := make(Series, length)
	for i := range s {
		s[i] = v.number
	}
	return s
}

type mathParser struct {
	text   string
	at     int
	named  map[string]Series
	length int
	err    error
}

func (p *mathParser) fail(format string, args ...any) mathValue {
	if p.err == nil {
		p.err = fmt.Errorf("%s: "+format, append([]any{p.text}, args...)...)
	}
	p.at = len(p.text)
	return mathValue{}
}

func (p *mathParser) space() {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
}

// take takes the first of the tokens that comes next.
func (p *mathParser) take(tokens ...string) string {
	p.space()
	for _, token := range tokens {
		if strings.HasPrefix(p.text[p.at:], token) {
			p.at += len(token)
			return token
		}
	}
	return ""
}

// chain reads operands of a higher rank with operators between them.
func (p *mathParser) chain(operand func() mathValue, operators ...string) mathValue {
	left := operand()
	for {
		operator := p.take(operators...)
		if operator == "" || p.err != nil {
			return left
		}
		left = p.combine(operator, left, operand())
	}
}

func (p *mathParser) logical() mathValue {
	return p.chain(p.comparison, "AND", "&&", "OR", "||")
}

func (p *mathParser) comparison() mathValue { return p.chain(p.sum, ">=", "<=", "==", "!=", ">", "<") }

func (p *mathParser) sum() mathValue { return p.chain(p.product, "+", "-") }

func (p *mathParser) product() mathValue { return p.chain(p.operand, "*", "/") }

func (p *mathParser) combine(operator string, left, right mathValue) mathValue {
	if left.of == nil && right.of == nil {
		return mathValue{number: apply(operator, left.number, right.number)}
	}
	l, r := left.series(p.length), right.series(p.length)
	result := make(Series, p.length)
	for i := range result {
		a, b := l[i], r[i]
		switch {
		case math.IsNaN(a) && math.IsNaN(b), left.of == nil && math.IsNaN(b), right.of == nil && math.IsNaN(a):
			result[i] = math.NaN() // no series has this minute
		default:
			result[i] = apply(operator, orZero(a), orZero(b))
		}
	}
	return mathValue{of: result}
}

func orZero(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

func apply(operator string, a, b float64) float64 {
	is := func(holds bool) float64 {
		if holds {
			return 1
		}
		return 0
	}
	switch operator {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		if b == 0 {
			return math.NaN()
		}
		return a / b
	case ">=":
		return is(a >= b)
	case "<=":
		return is(a <= b)
	case ">":
		return is(a > b)
	case "<":
		return is(a < b)
	case "==":
		return is(a == b)
	case "!=":
		return is(a != b)
	case "AND", "&&":
		return is(a != 0 && b != 0)
	default:
		return is(a != 0 || b != 0)
	}
}

func (p *mathParser) operand() mathValue {
	switch {
	case p.take("(") != "":
		v := p.logical()
		p.expect(")")
		return v
	case p.take("IF(") != "":
		return p.ifElse()
	case p.take("FILL(") != "":
		return p.fill()
	}
	start := p.at
	isOfWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '.' }
	for p.at < len(p.text) && isOfWord(rune(p.text[p.at])) {
		p.at++
	}
	word := p.text[start:p.at]
	if number, err := strconv.ParseFloat(word, 64); err == nil {
		return mathValue{number: number}
	}
	if s, isKnown := p.named[word]; isKnown {
		return mathValue{of: s}
	}
	return p.fail("unknown %q", word)
}

func (p *mathParser) expect(token string) {
	if p.take(token) == "" {
		p.fail("no %q at %d", token, p.at)
	}
}

func (p *mathParser) ifElse() mathValue {
	condition := p.logical()
	p.expect(",")
	then, otherwise := p.logical(), mathValue{number: math.NaN()}
	if p.take(",") != "" {
		otherwise = p.logical()
	}
	p.expect(")")
	c, t, o := condition.series(p.length), then.series(p.length), otherwise.series(p.length)
	result := make(Series, p.length)
	for i := range result {
		switch {
		case math.IsNaN(c[i]):
			result[i] = math.NaN()
		case c[i] != 0:
			result[i] = orZero(t[i])
		default:
			result[i] = o[i]
		}
	}
	return mathValue{of: result}
}

func (p *mathParser) fill() mathValue {
	s := p.logical().series(p.length)
	p.expect(",")
	repeat, value := p.take("REPEAT") != "", mathValue{}
	if !repeat {
		value = p.logical()
	}
	p.expect(")")
	result, last := make(Series, p.length), math.NaN()
	for i := range result {
		switch {
		case !math.IsNaN(s[i]):
			result[i], last = s[i], s[i]
		case repeat:
			result[i] = last
		default:
			result[i] = value.series(p.length)[i]
		}
	}
	return mathValue{of: result}
}
