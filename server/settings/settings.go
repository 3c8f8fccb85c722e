// Package settings is what an operator can choose about the service: one struct, whose tags make the flags, the environment
// variables, the keys of the settings file and the reference page. A flag wins over an environment variable, that over the
// file, and that over the default.
package settings

import (
	"log/slog"
	"time"
)

// Settings are all choices. The zero value of a field stands for its default; see WithDefaults.
type Settings struct {
	Config string `name:"config" env:"CMI_CONFIG" group:"File" placeholder:"FILE" help:"Read settings from this YAML file: the same keys as the flags, and the API keys."`

	GRPCAddress  string   `name:"grpc-address" env:"CMI_GRPC_ADDRESS" group:"Addresses" default:"127.0.0.1:9090" placeholder:"HOST:PORT" help:"Serve gRPC here. Port 0 picks a free one."`
	HTTPAddress  string   `name:"http-address" env:"CMI_HTTP_ADDRESS" group:"Addresses" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Serve JSON over HTTP here. Port 0 picks a free one."`
	AddressFile  string   `name:"address-file" env:"CMI_ADDRESS_FILE" group:"Addresses" placeholder:"FILE" help:"Write both addresses here, as JSON, once the service is ready."`
	TrustNetwork bool     `name:"trust-network" env:"CMI_TRUST_NETWORK" group:"Addresses" help:"Without API keys, listen on other than loopback addresses all the same. Everyone who reaches the ports may then do everything."`
	AllowedHosts []string `name:"allowed-hosts" env:"CMI_ALLOWED_HOSTS" group:"Addresses" placeholder:"NAME" help:"Answer HTTP calls to these host names beside the loopback ones, without port."`
	CORSOrigins  []string `name:"cors-origins" env:"CMI_CORS_ORIGINS" group:"Addresses" placeholder:"ORIGIN" help:"Let web pages of these origins call, such as https://app.example.com. '*' is any, and needs API keys."`

	TLSCertFile string `name:"tls-cert-file" env:"CMI_TLS_CERT_FILE" group:"Security" placeholder:"FILE" help:"Serve TLS with this certificate chain (PEM) on both ports. A renewed file is used without a restart."`
	TLSKeyFile  string `name:"tls-key-file" env:"CMI_TLS_KEY_FILE" group:"Security" placeholder:"FILE" help:"The private key (PEM) of the certificate."`
	Keys        Keys   `name:"keys" group:"Security" hidden:"" help:"The API keys, each with id, sha256, tenant, scopes and, where it ends, not_after. Only in the settings file; 'cmi keys new' makes an entry. Without any, no key is asked for and the service listens on loopback only."`

	Store string `name:"store" env:"CMI_STORE" group:"Store" default:"sqlite:cmi.db" placeholder:"URL" help:"Keep the data here: sqlite:FILE for one process, or postgres://USER@HOST/DATABASE for any number of them. A password is better kept in a file that PGPASSFILE names."`

	OperationWorkers   int           `name:"operation-workers" env:"CMI_OPERATION_WORKERS" group:"Operations" default:"2" placeholder:"N" help:"How many pieces of long-running operations this process does at once. With --operation-workers=-1 none; others of the same store do them."`
	OperationRetention time.Duration `name:"operation-retention" env:"CMI_OPERATION_RETENTION" group:"Operations" default:"720h" placeholder:"TIME" help:"How long operations, and what they made, are kept after they ended."`

	LifecycleNewDays      float64 `name:"lifecycle-new-days" env:"CMI_LIFECYCLE_NEW_DAYS" group:"Model" default:"90" placeholder:"DAYS" help:"For how long after they were first seen customers are new."`
	LifecycleInactiveDays float64 `name:"lifecycle-inactive-days" env:"CMI_LIFECYCLE_INACTIVE_DAYS" group:"Model" default:"90" placeholder:"DAYS" help:"Customers are not inactive before they were silent for longer than this."`
	LifecycleInactiveGaps float64 `name:"lifecycle-inactive-gaps" env:"CMI_LIFECYCLE_INACTIVE_GAPS" group:"Model" default:"3" placeholder:"N" help:"Nor before they were silent for longer than this many of their own median gaps."`
	KeyWeightHalfMonths   float64 `name:"key-weight-half-months" env:"CMI_KEY_WEIGHT_HALF_MONTHS" group:"Model" default:"12" placeholder:"MONTHS" help:"After how many months the tenure of the key weight is one half."`
	KeyWeightSaturation   float64 `name:"key-weight-saturation" env:"CMI_KEY_WEIGHT_SATURATION" group:"Model" default:"4.285714285714286" placeholder:"RATE" help:"From how many interactions per 30 days on the frequency of the key weight is 1. The default, 30/7, is once a week."`

	MaxDeadline         time.Duration `name:"max-deadline" env:"CMI_MAX_DEADLINE" group:"Limits" default:"30s" placeholder:"TIME" help:"The most time that a unary call has, whatever its client asks for."`
	StreamIdleTimeout   time.Duration `name:"stream-idle-timeout" env:"CMI_STREAM_IDLE_TIMEOUT" group:"Limits" default:"5m" placeholder:"TIME" help:"End a stream on which nothing moved for this long. A stream that moves may last forever."`
	ShutdownTimeout     time.Duration `name:"shutdown-timeout" env:"CMI_SHUTDOWN_TIMEOUT" group:"Limits" default:"20s" placeholder:"TIME" help:"How long calls in flight have to finish when the service stops."`
	ShutdownDelay       time.Duration `name:"shutdown-delay" env:"CMI_SHUTDOWN_DELAY" group:"Limits" default:"0s" placeholder:"TIME" help:"How long the service still serves after it has said that it is not ready any more, so that balancers send their calls elsewhere before its ports close. The shutdown timeout counts from then on."`
	MaxMessageBytes     int           `name:"max-message-bytes" env:"CMI_MAX_MESSAGE_BYTES" group:"Limits" default:"16777216" placeholder:"BYTES" help:"The largest message, HTTP body and line of a stream that the service takes."`
	StreamPipelineDepth int           `name:"stream-pipeline-depth" env:"CMI_STREAM_PIPELINE_DEPTH" group:"Limits" default:"8" placeholder:"N" help:"How many chunks of one stream are in the works at once, so that each does not wait for its own disk sync."`
	StreamSpoolBytes    int           `name:"stream-spool-bytes" env:"CMI_STREAM_SPOOL_BYTES" group:"Limits" default:"67108864" placeholder:"BYTES" help:"How much of the answers of one HTTP stream is kept for a client that writes everything before it reads."`

	LogLevel  string `name:"log-level" env:"CMI_LOG_LEVEL" group:"Log" default:"info" enum:"debug,info,warn,error" placeholder:"LEVEL" help:"Leave out lines below this level: debug, info, warn or error."`
	LogFormat string `name:"log-format" env:"CMI_LOG_FORMAT" group:"Log" default:"text" enum:"text,json" placeholder:"FORMAT" help:"Write lines for people (text) or for machines (json)."`
	LogCalls  bool   `name:"log-calls" env:"CMI_LOG_CALLS" group:"Log" help:"Log calls that went well at info instead of debug. At full load the lines cost more than the calls."`
}

// WithDefaults answers a copy in which every field that is zero has its default, for whoever makes Settings in code.
func (s Settings) WithDefaults() Settings {
	for _, f := range fields() {
		if value := f.of(&s); f.fallback != "" && value.IsZero() {
			// The defaults are part of this file, and a test reads them all.
			_ = f.set(value, f.fallback)
		}
	}
	return s
}

// Level answers the log level.
func (s Settings) Level() slog.Level {
	var level slog.Level
	if level.UnmarshalText([]byte(s.LogLevel)) != nil {
		return slog.LevelInfo
	}
	return level
}
