package fastjson

import cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"

func (w *writer) scoreCustomer(m *cmiv1.ScoreCustomerResponse) {
	w.open('{')
	if m.GetScore() != nil {
		w.key("score")
		w.score(m.GetScore())
	}
	w.shut('}')
}

func (w *writer) batch(m *cmiv1.BatchScoreCustomersResponse) {
	w.open('{')
	w.results(m.GetResults())
	w.shut('}')
}

func (w *writer) stream(m *cmiv1.StreamScoresResponse) {
	w.open('{')
	switch m := m.GetMessage().(type) {
	case *cmiv1.StreamScoresResponse_Chunk:
		if m.Chunk == nil {
			w.bad = true
			return
		}
		w.key("chunk")
		w.open('{')
		w.int32("sequence", m.Chunk.GetSequence())
		w.results(m.Chunk.GetResults())
		w.shut('}')
	default:
		w.bad = true // a summary comes once
	}
	w.shut('}')
}

func (w *writer) results(all []*cmiv1.ScoreResult) {
	if len(all) == 0 {
		return
	}
	w.key("results")
	w.open('[')
	for _, r := range all {
		w.result(r)
		w.comma()
	}
	w.shut(']')
	w.comma()
}

func (w *writer) result(m *cmiv1.ScoreResult) {
	w.open('{')
	w.string("responseId", m.GetResponseId())
	switch m := m.GetResult().(type) {
	case *cmiv1.ScoreResult_Score:
		w.key("score")
		w.score(m.Score)
		w.comma()
	case *cmiv1.ScoreResult_Error:
		w.other("error", m.Error)
	}
	w.shut('}')
}

func (w *writer) score(m *cmiv1.Score) {
	w.open('{')
	w.string("responseId", m.GetResponseId())
	w.string("customerId", m.GetCustomerId())
	w.string("questionnaireId", m.GetQuestionnaireId())
	w.int32("questionnaireVersion", m.GetQuestionnaireVersion())
	w.string("series", m.GetSeries())
	w.enum("status", int32(m.GetStatus()), cmiv1.ScoreStatus_name)
	if m != nil {
		w.optionalFloat("cmi", m.Cmi)
		w.optionalInt32("displayScore", m.DisplayScore)
	}
	w.enum("bucket", int32(m.GetBucket()), cmiv1.Bucket_name)
	w.pillars(m.GetPillars())
	w.other("explanation", m.GetExplanation())
	w.bool("divergent", m.GetDivergent())
	w.other("interval", m.GetInterval())
	w.other("bucketProbabilities", m.GetBucketProbabilities())
	w.string("calibrationId", m.GetCalibrationId())
	w.other("behaviour", m.GetBehaviour())
	w.time("submittedAt", m.GetSubmittedAt())
	w.time("scoredAt", m.GetScoredAt())
	w.other("void", m.GetVoid())
	w.enum("channel", int32(m.GetChannel()), cmiv1.Channel_name)
	w.itemBehaviours(m.GetItemBehaviours())
	w.shut('}')
}

func (w *writer) itemBehaviours(all []*cmiv1.ItemBehaviour) {
	if len(all) == 0 {
		return
	}
	w.key("itemBehaviours")
	w.open('[')
	for _, b := range all {
		w.open('{')
		w.string("itemId", b.GetItemId())
		w.other("behaviour", b.GetBehaviour())
		w.shut('}')
		w.comma()
	}
	w.shut(']')
	w.comma()
}

func (w *writer) pillars(all []*cmiv1.PillarScore) {
	if len(all) == 0 {
		return
	}
	w.key("pillars")
	w.open('[')
	for _, p := range all {
		w.open('{')
		w.enum("pillar", int32(p.GetPillar()), cmiv1.Pillar_name)
		if p != nil {
			w.optionalFloat("score", p.Score)
			w.optionalFloat("coverage", p.Coverage)
		}
		w.facets(p.GetFacets())
		w.shut('}')
		w.comma()
	}
	w.shut(']')
	w.comma()
}

func (w *writer) facets(all []*cmiv1.FacetScore) {
	if len(all) == 0 {
		return
	}
	w.key("facets")
	w.open('[')
	for _, f := range all {
		w.open('{')
		w.string("facet", f.GetFacet())
		if f != nil {
			w.optionalFloat("score", f.Score)
			w.optionalFloat("coverage", f.Coverage)
		}
		w.shut('}')
		w.comma()
	}
	w.shut(']')
	w.comma()
}
