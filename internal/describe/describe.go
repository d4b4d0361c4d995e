package describe

import (
	"strings"
	"time"
)

// The characters and the length of a security group's description, the narrowest of all that take one.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
const (
	allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789. _-:/()#,@[]+=&;{}!$*"
	longest = 255
)

// Of is what and a construct's path: "Tasks of Web/Service". What AWS does not take becomes "_".
func Of(what, path string) *string {
	text := Text(what + " " + path)
	return &text
}

// Text makes a text fit.
func Text(text string) string {
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune(allowed, r) {
			return r
		}
		return '_'
	}, text)
	return text[:min(len(text), longest)]
}

// Duration is a duration without the zeros that its String ends with: "5m", not "5m0s".
func Duration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
