package errs

import (
	"google.golang.org/grpc/codes"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// Row is what a client developer needs to know of one reason.
type Row struct {
	Reason cmiv1.ErrorReason
	Code   codes.Code
	HTTP   int
	// Means says what happened.
	Means string
	// Do says what the client, or the person behind it, does next.
	Do string
}

// Table answers a row for every reason that is ever sent, in the order of errors.proto. docs/errors.md is made from it.
func Table() []Row {
	return []Row{
		row(cmiv1.ErrorReason_INVALID_REQUEST,
			"A field of the request itself is missing or out of bounds.",
			"Correct the fields that `fieldViolations` names. The same request fails again."),
		row(cmiv1.ErrorReason_MALFORMED_JSON,
			"The body is not the JSON of the request: a syntax error, an unknown field, a value of the wrong kind.",
			"Compare the body with the OpenAPI document; names are lowerCamelCase and nothing unknown is ignored."),
		row(cmiv1.ErrorReason_INVALID_QUERY_PARAMETER,
			"A query parameter that the method does not have, or a value that it cannot take.",
			"Correct the parameter that the message names; a typing error is refused, not overlooked."),
		row(cmiv1.ErrorReason_UNSUPPORTED_CONTENT_TYPE,
			"The body says another content type than `application/json` or `application/x-ndjson`.",
			"Send `Content-Type: application/json`, or `application/x-ndjson` to the stream."),
		row(cmiv1.ErrorReason_REQUEST_TOO_LARGE,
			"The body, line, message or header is larger than the service takes.",
			"Send fewer responses at a time, or stream them in smaller chunks. An operator can raise `max-message-bytes`."),
		row(cmiv1.ErrorReason_UNKNOWN_METHOD,
			"There is no such method or path.",
			"Check the path, the HTTP method and the version of the client against the OpenAPI document."),
		row(cmiv1.ErrorReason_INVALID_PAGE_TOKEN,
			"The page token is not one of this list with these filters.",
			"Pass `nextPageToken` back unchanged with the same filters, or start again without a token."),

		row(cmiv1.ErrorReason_QUESTIONNAIRE_HAS_FAULTS,
			"The questionnaire cannot be compiled, so not published or scored: every fault is listed with its path.",
			"Mend the listed faults in the draft. `LintQuestionnaire` lists them all without publishing."),
		row(cmiv1.ErrorReason_QUESTIONNAIRE_NOT_FOUND,
			"There is no such questionnaire or version, or none published yet.",
			"Check the id and the version; publish the draft, or name its number for a dry run."),
		row(cmiv1.ErrorReason_QUESTIONNAIRE_EXISTS,
			"A questionnaire of this id exists already.",
			"Choose another id, or update the one that is there."),
		row(cmiv1.ErrorReason_QUESTIONNAIRE_ARCHIVED,
			"An archived questionnaire is read, not scored and not changed.",
			"Score with its successor, or copy it under a new id."),
		row(cmiv1.ErrorReason_QUESTIONNAIRE_IS_DRAFT,
			"A draft is scored only as a dry run.",
			"Publish it first, or set `dryRun`."),
		row(cmiv1.ErrorReason_STALE_ETAG,
			"The etag is not that of what is stored, a questionnaire or a profile: somebody changed it since it was read.",
			"Read it again, apply the change to what is there now, and send it with the new etag."),
		row(cmiv1.ErrorReason_RESERVED_ID,
			"Ids that start with `builtin-` belong to the service.",
			"Copy the built-in questionnaire under an id of your own."),
		row(cmiv1.ErrorReason_NOTHING_TO_PUBLISH,
			"There is no draft to publish.",
			"Nothing, if it is published already; else update it first, which starts a draft."),

		row(cmiv1.ErrorReason_INVALID_RESPONSE,
			"An answer or field of the response does not fit the questionnaire: each violation is listed.",
			"Correct the listed fields of this response. In bulk calls its neighbours are not affected."),
		row(cmiv1.ErrorReason_RESPONSE_EXISTS,
			"The response id was recorded with other content.",
			"Keep the record, or send the response under a new id. Only the very same content may be sent again."),
		row(cmiv1.ErrorReason_RESPONSE_NOT_FOUND,
			"There is no such response.",
			"Check the id and the tenant of the key; dry runs are not kept."),
		row(cmiv1.ErrorReason_NOT_ENOUGH_RESPONSES,
			"Too few complete responses are recorded to calibrate from.",
			"Collect more responses to this version that answer every weighted item; the message says how many there are."),
		row(cmiv1.ErrorReason_NO_QUESTIONNAIRE_FITS,
			"No published questionnaire is for this lifecycle and channel.",
			"Publish one for that audience and channel, or ask for another channel."),
		row(cmiv1.ErrorReason_NOT_COMPARABLE,
			"There are no two scores to compare, or they cannot be: one has no CMI, or they are of different customers.",
			"Name two scores of the customer that both have a CMI; their trajectory lists them."),

		row(cmiv1.ErrorReason_CUSTOMER_NOT_FOUND,
			"There is no such customer.",
			"Check the id and the tenant of the key; a customer who was erased is not known either."),
		row(cmiv1.ErrorReason_CUSTOMER_ERASED,
			"The customer was erased, and with them what this request sends again.",
			"Leave the customer out of the job. To start a customer anew on purpose, put the profile with `revive`."),
		row(cmiv1.ErrorReason_INVALID_INTERACTION,
			"A field of the interaction is missing or out of bounds: each violation is listed.",
			"Correct the listed fields of this interaction. In bulk calls its neighbours are not affected."),
		row(cmiv1.ErrorReason_INTERACTION_EXISTS,
			"The interaction id was recorded with other content.",
			"Keep the record, or send the interaction under a new id. Only the very same content may be sent again."),

		row(cmiv1.ErrorReason_INVALID_OUTCOME,
			"A field of the outcome is missing or out of bounds: each violation is listed.",
			"Correct the listed fields of this outcome. In bulk calls its neighbours are not affected."),
		row(cmiv1.ErrorReason_OUTCOME_EXISTS,
			"The outcome id was recorded with other content.",
			"Keep the record, or send the outcome under a new id. Only the very same content may be sent again."),
		row(cmiv1.ErrorReason_ITEM_NOT_FOUND,
			"None of the questionnaires that the report is about has such an item, or one that can be used so.",
			"Name an item that they have, and of a kind that fits; the message says which item it is about."),

		row(cmiv1.ErrorReason_OPERATION_NOT_FOUND,
			"There is no such operation.",
			"Check the id and the tenant of the key; ended operations are deleted after `operation-retention`."),
		row(cmiv1.ErrorReason_OPERATION_EXISTS,
			"An operation of this id exists already, and was started with another request.",
			"Choose another id. Only the very same request may be sent again; it answers the operation that there is."),
		row(cmiv1.ErrorReason_OPERATION_NOT_DONE,
			"The operation has not ended, or not with a result.",
			"Wait for it (`WaitOperation`); cancel it before it is deleted."),
		row(cmiv1.ErrorReason_OPERATION_CANCELLED,
			"The operation was cancelled: said as the `error` of the operation itself.",
			"Start it again under another id, if it is wanted after all."),
		row(cmiv1.ErrorReason_TOO_MANY_GROUPS,
			"The comparison or report has more groups than can be told apart: said as the `error` of an operation itself.",
			"Start another one that is broken down by something with fewer values."),

		row(cmiv1.ErrorReason_STREAM_PROTOCOL,
			"The stream did not start with its `config` (a table by Arrow Flight: with its descriptor and schema), or sent a second one.",
			"Send `config` first and once, then chunks; or the descriptor and the schema, then batches."),
		row(cmiv1.ErrorReason_SEQUENCE_GAP,
			"The next chunk's sequence is not the one before plus 1.",
			"Number the chunks without gaps. What was answered is recorded; send the rest again on a new stream."),
		row(cmiv1.ErrorReason_STREAM_IDLE,
			"Nothing moved on the stream for the idle limit: no message came, or answers were not read.",
			"Open a stream when there is something to send, and read while writing. Send again what was not answered."),
		row(cmiv1.ErrorReason_ANSWERS_NOT_READ,
			"The client writes on without reading, and the answers kept for it reached their bound.",
			"Read answers while writing, or send smaller bodies. Send again what was not answered."),
		row(cmiv1.ErrorReason_SERVER_DRAINING,
			"The server is shutting down. All that it took was answered.",
			"Wait for `retryDelay`, connect again and send the rest; recorded responses answer the same."),

		row(cmiv1.ErrorReason_KEY_MISSING,
			"The call carries no API key, and the service asks for one.",
			"Send `Authorization: Bearer ID.SECRET` (or `x-api-key: ID.SECRET`)."),
		row(cmiv1.ErrorReason_KEY_INVALID,
			"The API key is not one that the service knows.",
			"Check that the whole key was sent, and that it was neither withdrawn nor expired. Do not retry with the same one."),
		row(cmiv1.ErrorReason_SCOPE_MISSING,
			"The API key lacks the scope of this method.",
			"Use a key with the scope that the message names, or have it added to this one."),
		row(cmiv1.ErrorReason_NO_ACCESS_RULE,
			"The method has no access rule, so nobody may call it.",
			"Tell the operator: this is a fault of the service's set-up, not of the call."),
		row(cmiv1.ErrorReason_HOST_REFUSED,
			"The Host header is not one of the service's names.",
			"Call the service by its name, or have the operator add this one to `allowed-hosts`."),
		row(cmiv1.ErrorReason_ORIGIN_REFUSED,
			"The Origin is not one that the service is configured for.",
			"Have the operator add the web page's origin to `cors-origins`."),

		row(cmiv1.ErrorReason_STORE_UNAVAILABLE,
			"The store did not answer; nothing was recorded unless a repetition says so.",
			"Send the same request again after `retryDelay`, and wait longer each time: a repetition never records twice."),
		row(cmiv1.ErrorReason_DEADLINE_EXCEEDED,
			"The call ran out of time.",
			"Send the same request again, with a longer deadline or fewer responses. A repetition never records twice."),
		row(cmiv1.ErrorReason_CALL_CANCELLED,
			"The client cancelled the call.",
			"Nothing; what was recorded before stays recorded."),
		row(cmiv1.ErrorReason_INTERNAL_ERROR,
			"A fault of the service.",
			"Tell the operator the request id: the log has the cause under it. A repetition is safe."),
	}

}

// row fills in what follows from the reason.
func row(reason cmiv1.ErrorReason, means, do string) Row {
	code := Code(reason)
	return Row{Reason: reason, Code: code, HTTP: httpStatus(reason, code), Means: means, Do: do}
}
