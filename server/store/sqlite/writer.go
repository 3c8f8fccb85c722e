package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"

	"github.com/customer-momentum/cmi/server/store/form"
)

// writer owns the one connection that writes. Only its goroutine touches what stands below the queue.
type writer struct {
	queue *queue
	ended chan struct{}

	db         *sql.DB
	conn       *sql.Conn
	statements preparer
	begin      *sql.Stmt
	commit     *sql.Stmt
	rollback   *sql.Stmt
	secret     *form.Secret
	scopes     *scopes
	kinds      *kinds

	standings *standings
	members   *members
	means     *means

	responses   many
	slots       many
	customers   many
	recognition many
	touch       many
	pieces      many
	rescored    many

	interactions *journal
	outcomes     *journal

	// seq of the next one of each.
	nextResponse, nextSlot, nextCustomer int64

	find          *sql.Stmt
	findWhole     *sql.Stmt
	void          *sql.Stmt
	giveReason    *sql.Stmt
	touchCustomer *sql.Stmt
	beginAnew     *sql.Stmt
	addSlot       *sql.Stmt
	overwriteSlot *sql.Stmt
	zeroSlot      *sql.Stmt
	findProfile   *sql.Stmt
	keepProfile   *sql.Stmt
	eraseCustomer *sql.Stmt
	findRevision  *sql.Stmt
	save          *sql.Stmt
	keepInvited   *sql.Stmt
	dropInvited   *sql.Stmt

	cleaning cleaning
}

func newWriter(ctx context.Context, path string) (_ *writer, err error) {
	connector, err := sqlite.NewConnector(address(path, writing()))
	if err != nil {
		return nil, err
	}
	w := &writer{queue: newQueue(), ended: make(chan struct{}), db: sql.OpenDB(connector)}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.free())
		}
	}()
	w.db.SetMaxOpenConns(1)
	if w.conn, err = w.db.Conn(ctx); err != nil {
		return nil, err
	}
	w.statements.conn = w.conn
	if err = w.prepare(ctx); err != nil {
		return nil, err
	}
	if err = w.findEnds(ctx); err != nil {
		return nil, err
	}
	w.cleaning.soil() // the last one may have ended in the middle of it
	w.clean(ctx)
	return w, nil
}

// findEnds finds where the tables end that are only appended to.
func (w *writer) findEnds(ctx context.Context) error {
	for table, next := range map[string]*int64{
		"responses": &w.nextResponse, "interactions": &w.interactions.next, "outcomes": &w.outcomes.next, "slots": &w.nextSlot, "customers": &w.nextCustomer,
	} {
		if err := w.conn.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) + 1 FROM "+table).Scan(next); err != nil {
			return fmt.Errorf("find the end of %s: %w", table, err)
		}
	}
	return nil
}

func (w *writer) prepare(ctx context.Context) (err error) {
	if w.secret, err = readSecret(ctx, w.conn); err != nil {
		return err
	}
	for _, s := range []struct {
		into **sql.Stmt
		text string
	}{
		{&w.begin, "BEGIN IMMEDIATE"},
		{&w.commit, "COMMIT"},
		{&w.rollback, "ROLLBACK"},
		{&w.find, findScored},
		{&w.findWhole, findWhole},
		{&w.void, voidOnce},
		{&w.giveReason, giveReason},
		{&w.touchCustomer, touchCustomer},
		{&w.beginAnew, startAnew},
		{&w.addSlot, appendSlot},
		{&w.overwriteSlot, overwriteSlot},
		{&w.zeroSlot, zeroSlot},
		{&w.findProfile, findProfile},
		{&w.keepProfile, saveProfile},
		{&w.eraseCustomer, eraseCustomer},
		{&w.findRevision, findRevision},
		{&w.save, saveQuestionnaire},
		{&w.keepInvited, keepInvitations},
		{&w.dropInvited, dropInvitations},
	} {
		if *s.into, err = w.statements.PrepareContext(ctx, s.text); err != nil {
			return fmt.Errorf("prepare %s: %w", s.text, err)
		}
	}
	for _, s := range []struct {
		into        *many
		text, thing string
	}{
		{&w.responses, insertResponses, responseTuple},
		{&w.slots, insertSlots, "(?, ?)"},
		{&w.customers, insertCustomers, customerTuple},
		{&w.recognition, recogniseCustomers, "?"},
		{&w.touch, touchCustomers, "?"},
		{&w.pieces, insertPieces, pieceTuple},
		{&w.rescored, insertRescored, rescoredTuple},
	} {
		if *s.into, err = prepareMany(ctx, &w.statements, s.text, s.thing); err != nil {
			return err
		}
	}
	if w.scopes, err = prepareScopes(ctx, &w.statements); err != nil {
		return err
	}
	if w.kinds, err = prepareKinds(ctx, &w.statements); err != nil {
		return err
	}
	if w.interactions, err = w.prepareInteractions(ctx); err != nil {
		return err
	}
	if w.outcomes, err = w.prepareOutcomes(ctx); err != nil {
		return err
	}
	if w.standings, err = prepareStandings(ctx, &w.statements); err != nil {
		return err
	}
	if w.members, err = prepareMembers(ctx, &w.statements); err != nil {
		return err
	}
	w.means, err = prepareMeans(ctx, &w.statements)
	return err
}

// submit hands a request in and waits until it is on disk. A caller that goes away before the writer came takes the
// request along; one that goes away later waits for the end, because it could not know what became of it.
func (w *writer) submit(ctx context.Context, r *request) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := w.queue.put(ctx, r); err != nil {
		return err
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		if r.drop() {
			return ctx.Err()
		}
		return <-r.done
	}
}

// run writes group after group until the queue is closed and empty.
func (w *writer) run() {
	defer close(w.ended)
	for group := w.queue.take(); group != nil; group = w.queue.take() {
		began := time.Now()
		w.write(group)
		w.queue.took(time.Since(began))
	}
}

// stop refuses new requests and waits until those that wait are written.
func (w *writer) stop() {
	w.queue.close()
	<-w.ended
}

// close gives the connection back. The goroutine has ended or was never started.
func (w *writer) close() error {
	w.cleaning.after = time.Time{}
	w.clean(context.Background())
	return w.free()
}

func (w *writer) free() error {
	w.cleaning.stop()
	errs := []error{w.statements.close()}
	if w.conn != nil {
		errs = append(errs, w.conn.Close())
	}
	return errors.Join(append(errs, w.db.Close())...)
}
