package api

import (
	"context"

	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
	"github.com/customer-momentum/cmi/server/calibrations"
	"github.com/customer-momentum/cmi/server/catalog"
	"github.com/customer-momentum/cmi/server/selection"
)

type questionnaireService struct {
	cmiv1.UnimplementedQuestionnaireServiceServer
	catalog      *catalog.Catalog
	selection    *selection.Selection
	calibrations *calibrations.Calibrations
}

func (s *questionnaireService) CreateQuestionnaire(ctx context.Context, r *cmiv1.CreateQuestionnaireRequest) (*cmiv1.CreateQuestionnaireResponse, error) {
	q, err := s.catalog.Create(ctx, tenant(ctx), r)
	if err != nil {
		return nil, err
	}
	return &cmiv1.CreateQuestionnaireResponse{Questionnaire: q}, nil
}

func (s *questionnaireService) GetQuestionnaire(ctx context.Context, r *cmiv1.GetQuestionnaireRequest) (*cmiv1.GetQuestionnaireResponse, error) {
	q, err := s.catalog.Get(ctx, tenant(ctx), r)
	if err != nil {
		return nil, err
	}
	return &cmiv1.GetQuestionnaireResponse{Questionnaire: q}, nil
}

func (s *questionnaireService) ListQuestionnaires(ctx context.Context, r *cmiv1.ListQuestionnairesRequest) (*cmiv1.ListQuestionnairesResponse, error) {
	return s.catalog.List(ctx, tenant(ctx), r)
}

func (s *questionnaireService) UpdateQuestionnaire(ctx context.Context, r *cmiv1.UpdateQuestionnaireRequest) (*cmiv1.UpdateQuestionnaireResponse, error) {
	q, err := s.catalog.Update(ctx, tenant(ctx), r)
	if err != nil {
		return nil, err
	}
	return &cmiv1.UpdateQuestionnaireResponse{Questionnaire: q}, nil
}

func (s *questionnaireService) PublishQuestionnaire(ctx context.Context, r *cmiv1.PublishQuestionnaireRequest) (*cmiv1.PublishQuestionnaireResponse, error) {
	q, err := s.catalog.Publish(ctx, tenant(ctx), r)
	if err != nil {
		return nil, err
	}
	return &cmiv1.PublishQuestionnaireResponse{Questionnaire: q}, nil
}

func (s *questionnaireService) ArchiveQuestionnaire(ctx context.Context, r *cmiv1.ArchiveQuestionnaireRequest) (*cmiv1.ArchiveQuestionnaireResponse, error) {
	q, err := s.catalog.Archive(ctx, tenant(ctx), r)
	if err != nil {
		return nil, err
	}
	return &cmiv1.ArchiveQuestionnaireResponse{Questionnaire: q}, nil
}

func (s *questionnaireService) LintQuestionnaire(ctx context.Context, r *cmiv1.LintQuestionnaireRequest) (*cmiv1.LintQuestionnaireResponse, error) {
	return s.catalog.Lint(ctx, tenant(ctx), r)
}

func (s *questionnaireService) SelectQuestionnaire(ctx context.Context, r *cmiv1.SelectQuestionnaireRequest) (*cmiv1.SelectQuestionnaireResponse, error) {
	return s.selection.Select(ctx, tenant(ctx), r)
}

func (s *questionnaireService) CalibrateQuestionnaire(ctx context.Context, r *cmiv1.CalibrateQuestionnaireRequest) (*cmiv1.CalibrateQuestionnaireResponse, error) {
	made, err := s.calibrations.Calibrate(ctx, tenant(ctx), r)
	if err != nil {
		return nil, err
	}
	return &cmiv1.CalibrateQuestionnaireResponse{Calibration: made}, nil
}

func (s *questionnaireService) ListCalibrations(ctx context.Context, r *cmiv1.ListCalibrationsRequest) (*cmiv1.ListCalibrationsResponse, error) {
	return s.calibrations.List(ctx, tenant(ctx), r)
}
