package fastjson

import cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

// slab is how many answers are made at a time: a questionnaire has about a dozen.
const slab = 12

func (r *reader) scoreCustomer(m *cmiv1.ScoreCustomerRequest) {
	r.object(func(key []byte) uint32 {
		switch string(key) {
		case "questionnaireId":
			m.QuestionnaireId = r.string()
			return 1
		case "version":
			m.Version = r.int32()
			return 2
		case "response":
			m.Response = new(cmiv1.Response)
			r.response(m.Response)
			return 4
		case "dryRun":
			m.DryRun = r.bool()
			return 8
		case "explain":
			m.Explain = r.bool()
			return 16
		default:
			return 0
		}
	})
}

func (r *reader) batch(m *cmiv1.BatchScoreCustomersRequest) {
	r.object(func(key []byte) uint32 {
		switch string(key) {
		case "questionnaireId":
			m.QuestionnaireId = r.string()
			return 1
		case "version":
			m.Version = r.int32()
			return 2
		case "responses":
			m.Responses = r.responses()
			return 4
		case "dryRun":
			m.DryRun = r.bool()
			return 8
		case "explain":
			m.Explain = r.bool()
			return 16
		default:
			return 0
		}
	})
}

func (r *reader) stream(m *cmiv1.StreamScoresRequest) {
	r.object(func(key []byte) uint32 {
		switch string(key) {
		case "config":
			config := new(cmiv1.StreamScoresConfig)
			r.config(config)
			m.Message = &cmiv1.StreamScoresRequest_Config{Config: config}
		case "chunk":
			chunk := new(cmiv1.ResponseChunk)
			r.chunk(chunk)
			m.Message = &cmiv1.StreamScoresRequest_Chunk{Chunk: chunk}
		default:
			return 0
		}
		return 1 // one bit for both: only one of them may come
	})
}

func (r *reader) config(m *cmiv1.StreamScoresConfig) {
	r.object(func(key []byte) uint32 {
		switch string(key) {
		case "questionnaireId":
			m.QuestionnaireId = r.string()
			return 1
		case "version":
			m.Version = r.int32()
			return 2
		case "dryRun":
			m.DryRun = r.bool()
			return 4
		case "explain":
			m.Explain = r.bool()
			return 8
		default:
			return 0
		}
	})
}

func (r *reader) chunk(m *cmiv1.ResponseChunk) {
	r.object(func(key []byte) uint32 {
		switch string(key) {
		case "sequence":
			m.Sequence = r.int32()
			return 1
		case "responses":
			m.Responses = r.responses()
			return 2
		default:
			return 0
		}
	})
}

func (r *reader) responses() []*cmiv1.Response {
	var all []*cmiv1.Response
	r.array(func() {
		m := new(cmiv1.Response)
		r.response(m)
		all = append(all, m)
	})
	return all
}

func (r *reader) response(m *cmiv1.Response) {
	r.object(func(key []byte) uint32 {
		switch string(key) {
		case "responseId":
			m.ResponseId = r.string()
			return 1
		case "customerId":
			m.CustomerId = r.string()
			return 2
		case "channel":
			m.Channel = cmiv1.Channel(r.enum(cmiv1.Channel_value))
			return 4
		case "submittedAt":
			m.SubmittedAt = r.time()
			return 8
		case "answers":
			m.Answers = r.answers()
			return 16
		default:
			return 0
		}
	})
}

func (r *reader) answers() []*cmiv1.Answer {
	var all []*cmiv1.Answer
	var made []cmiv1.Answer
	r.array(func() {
		if len(made) == 0 {
			made = make([]cmiv1.Answer, slab)
			if all == nil {
				all = make([]*cmiv1.Answer, 0, slab)
			}
		}
		m := &made[0]
		made = made[1:]
		r.answer(m)
		all = append(all, m)
	})
	return all
}

// answer reads one answer; all its values share a bit, since only one may come.
func (r *reader) answer(m *cmiv1.Answer) {
	r.object(func(key []byte) uint32 {
		const value = 2
		switch string(key) {
		case "itemId":
			m.ItemId = r.string()
			return 1
		case "number":
			m.Value = &cmiv1.Answer_Number{Number: r.float()}
			return value
		case "choice":
			m.Value = &cmiv1.Answer_Choice{Choice: r.string()}
			return value
		case "choices":
			choices := new(cmiv1.Choices)
			r.choices(choices)
			m.Value = &cmiv1.Answer_Choices{Choices: choices}
			return value
		case "yes":
			m.Value = &cmiv1.Answer_Yes{Yes: r.bool()}
			return value
		case "text":
			m.Value = &cmiv1.Answer_Text{Text: r.string()}
			return value
		case "noAnswer":
			m.Value = &cmiv1.Answer_NoAnswer{NoAnswer: cmiv1.NoAnswer(r.enum(cmiv1.NoAnswer_value))}
			return value
		case "topics":
			m.Topics = r.strings()
			return 4
		default:
			return 0
		}
	})
}

func (r *reader) choices(m *cmiv1.Choices) {
	r.object(func(key []byte) uint32 {
		if string(key) != "values" {
			return 0
		}
		m.Values = r.strings()
		return 1
	})
}

func (r *reader) strings() []string {
	var all []string
	r.array(func() { all = append(all, r.string()) })
	return all
}
