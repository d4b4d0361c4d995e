package waf

import (
	"slices"
	"strings"

	"awscontainers/constructs/invalid"
	"awscontainers/internal/check"
)

// countries are the codes of ISO 3166-1 alpha-2 (249, as of 2026-11-30), and XK, which AWS WAF uses for Kosovo.
// https://docs.aws.amazon.com/waf/latest/APIReference/API_GeoMatchStatement.html
var countries = strings.Fields("" +
	"AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG " +
	"CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL " +
	"GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA " +
	"LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP " +
	"NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV " +
	"SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XK")

func checkCountries(field string, codes []string, bad *invalid.Problems) {
	for i, code := range codes {
		at := check.Index(field, i)
		switch {
		case slices.Contains(countries, code):
			check.Once(field, codes, i, bad)
		case slices.Contains(countries, strings.ToUpper(code)):
			bad.Add(at, "must be in capitals").Given(code).Advise("write %s", strings.ToUpper(code))
		case code == "UK":
			bad.Add(at, `must be a country code of ISO 3166-1 alpha-2; that of the United Kingdom is "GB"`).Given(code)
		default:
			bad.Add(at, `must be a country code of ISO 3166-1 alpha-2 such as "DE"`).Given(code)
		}
	}
}
