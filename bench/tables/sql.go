package main

import (
	"fmt"
	"strings"
)

// slack is half of what the engine rounds a CMI to before it compares it with a threshold. It is cheaper to allow for than to round.
const slack = "5e-10"

// scoreSQL is the statement that comes to the engine's results from a table or a file: the same columns, in the same sense. Since all
// items weigh the same, a pillar's mean needs no more than how many answers there are and their sum, in whole numbers: the
// fastest form of those that were tried. words asks for the names of status and bucket instead of their numbers.
func scoreSQL(items int, from string, words bool) string {
	sums, means := make([]string, 0, 2*pillars), make([]string, pillars)
	each := items / pillars
	for p, name := range pillarNames() {
		var counts, values []string
		for k := p * each; k < (p+1)*each; k++ {
			counts = append(counts, fmt.Sprintf("(%s IS NOT NULL)::TINYINT", itemID(k)))
			values = append(values, fmt.Sprintf("coalesce(%s, 0::TINYINT)", itemID(k)))
		}
		sums = append(sums, strings.Join(counts, " + ")+" AS n_"+name, strings.Join(values, " + ")+" AS s_"+name)
		means[p] = fmt.Sprintf("CASE WHEN n_%[1]s >= %[2]d THEN %[3]g::DOUBLE * (s_%[1]s - n_%[1]s) / n_%[1]s END AS %[1]s",
			name, (each+1)/2, 100.0/(answersOf-1))
	}
	status, buckets := [3]string{"1::TINYINT", "2::TINYINT", "3::TINYINT"}, [3]string{"1::TINYINT", "2::TINYINT", "3::TINYINT"}
	if words {
		status, buckets = [3]string{"'SCORED'", "'PARTIAL'", "'UNSCORED'"}, [3]string{"'AT_RISK'", "'GROWTH'", "'ADVOCATE'"}
	}
	return fmt.Sprintf(`SELECT CASE present WHEN 3 THEN %s WHEN 2 THEN %s ELSE %s END AS status,
  CASE WHEN cmi >= 80 - %[7]s THEN %[6]s WHEN cmi >= 50 - %[7]s THEN %[5]s WHEN cmi IS NOT NULL THEN %[4]s END AS bucket,
  cmi, eci, bei, fii, floor(cmi + %[7]s)::INTEGER AS display_score
FROM (SELECT *, CASE WHEN present >= 2 THEN (coalesce(eci, 0) + coalesce(bei, 0) + coalesce(fii, 0)) / present END AS cmi
FROM (SELECT *, (eci IS NOT NULL)::TINYINT + (bei IS NOT NULL)::TINYINT + (fii IS NOT NULL)::TINYINT AS present
FROM (SELECT %[8]s
FROM (SELECT %[9]s
FROM %[10]s))))`, status[0], status[1], status[2], buckets[0], buckets[1], buckets[2], slack,
		strings.Join(means, ",\n  "), strings.Join(sums, ",\n  "), from)
}

func pillarNames() []string { return []string{"eci", "bei", "fii"} }
