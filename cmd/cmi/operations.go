package main

type operationsCommands struct {
	List   operationsListCommand   `cmd:"" help:"List operations, the latest first."`
	Get    operationsGetCommand    `cmd:"" help:"Show an operation, and what it came to."`
	Wait   operationsWaitCommand   `cmd:"" help:"Follow an operation to its end, and show what it came to."`
	Scores operationsScoresCommand `cmd:"" help:"List what a recompute made, response by response."`
	Cancel operationsCancelCommand `cmd:"" help:"End an operation that is still running."`
	Delete operationsDeleteCommand `cmd:"" help:"Delete an operation that has ended, with all that it made."`
}

// named is the operation that a command is about.
type named struct {
	ID string `arg:"" help:"The id of the operation, or its name operations/ID."`
}

func (n named) id() string { return operationID(n.ID) }

// name is what the API calls the operation.
func (n named) name() string { return collection + n.id() }
