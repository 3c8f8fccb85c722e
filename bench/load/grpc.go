package load

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/customer-momentum/cmi/bench/sample"
	cmiv1 "github.com/customer-momentum/cmi/gen/cmi/v1"
)

// overGRPC calls ScoreCustomer. The first answer of each slot is decoded and looked at.
type overGRPC struct {
	conns    []*grpc.ClientConn
	metadata metadata.MD
	template sample.Template
	slots    []slot
}

type slot struct {
	request []byte
	reply   reply
	checked bool
}

func newGRPC(o Order) (*overGRPC, error) {
	template, err := sample.RequestTemplate(o.DryRun)
	if err != nil {
		return nil, err
	}
	conns, err := dial(o)
	if err != nil {
		return nil, err
	}
	return &overGRPC{conns: conns, metadata: credentials(o.Key), template: template, slots: make([]slot, o.Callers)}, nil
}

func (c *overGRPC) call(ctx context.Context, at int, n uint64) error {
	s := &c.slots[at]
	s.request = c.template.Append(s.request[:0], n)
	s.reply = reply{}
	if !s.checked {
		s.reply.keep = 1 << 20
	}
	ctx = metadata.NewOutgoingContext(ctx, c.metadata)
	err := c.conns[at%len(c.conns)].Invoke(ctx, cmiv1.ScoringService_ScoreCustomer_FullMethodName, s.request, &s.reply,
		grpc.ForceCodecV2(raw{}))
	if err != nil || s.checked {
		return err
	}
	s.checked = true
	var answer cmiv1.ScoreCustomerResponse
	if err := proto.Unmarshal(s.reply.body, &answer); err != nil {
		return err
	}
	return check(answer.GetScore())
}

func (c *overGRPC) close() error { return closeAll(c.conns) }

// check looks whether an answer is what a measurement of scoring is about.
func check(score *cmiv1.Score) error {
	if score.GetStatus() != cmiv1.ScoreStatus_SCORE_STATUS_SCORED || len(score.GetPillars()) != 3 {
		return fmt.Errorf("the sample was not scored: %v", score)
	}
	return nil
}

func dial(o Order) ([]*grpc.ClientConn, error) {
	var conns []*grpc.ClientConn
	for range max(o.Connections, 1) {
		conn, err := grpc.NewClient(o.Address, grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(16<<20)))
		if err != nil {
			return nil, errors.Join(err, closeAll(conns))
		}
		conns = append(conns, conn)
	}
	return conns, nil
}

func closeAll(conns []*grpc.ClientConn) error {
	var all []error
	for _, conn := range conns {
		all = append(all, conn.Close())
	}
	return errors.Join(all...)
}

// credentials are sent to every server, also to those that do not ask for any: the messages are to be the same.
func credentials(key string) metadata.MD {
	if key == "" {
		key = "bench.0000000000000000000000000000000000000000000"
	}
	return metadata.MD{"authorization": {"Bearer " + key}}
}
