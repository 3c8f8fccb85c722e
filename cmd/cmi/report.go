package main

type reportCommands struct {
	Index       reportIndexCommand       `cmd:"" help:"Where groups stand: CMI, pillars, buckets, over time."`
	Loyalty     reportLoyaltyCommand     `cmd:"" help:"Loyalty metrics of groups: NPS, CSAT, CES."`
	Compare     reportCompareCommand     `cmd:"" help:"A loyalty metric of two groups, and whether they differ."`
	Matrix      reportMatrixCommand      `cmd:"" help:"Satisfaction against loyalty, and the customers who have one without the other."`
	Transitions reportTransitionsCommand `cmd:"" help:"How customers move between buckets."`
	Drivers     reportDriversCommand     `cmd:"" help:"What goes along with a target, and what to work on first."`
	Answers     reportAnswersCommand     `cmd:"" help:"What was said to an item: answers, topics, texts."`
	Outcomes    reportOutcomesCommand    `cmd:"" help:"What relationships came to after scores: renewals, losses, money."`
	Waves       reportWavesCommand       `cmd:"" help:"Two periods compared, and where the difference comes from."`
	Channels    reportChannelsCommand    `cmd:"" help:"The channels compared, as they are and with the same audience."`
	Revenue     reportRevenueCommand     `cmd:"" help:"What revenue to expect of the customers of each bucket."`
}

func (reportCommands) Help() string {
	return `Asks a running service what scores, answers and outcomes come to together. Every figure comes with how many respondents it
rests on and an interval; groups of fewer than 5 are suppressed, and those of fewer than 30 marked as small. Nothing here says
that one thing causes another.

A report is printed as a table, or written as CSV (a line for each figure, for spreadsheets), JSON (the answer of the service) or
HTML (one page with charts that needs no network): with --format, or by the end of the name of --out. One that takes longer
than --timeout allows can be run with --operation, which waits for its end; the same command goes on with the same operation.

  cmi report index --group-by channel --period month
  cmi report loyalty --questionnaire airline --group-by segment:reason --out loyalty.html
  cmi report drivers --target item:recommend --predictor s1..s23 --out drivers.csv`
}
