# Every command that CI runs is written here once, and each tool's version beside it. `.ci/run` calls these targets, and
# `make readme-check` holds README.md to the same commands.

CDK_VERSION := 2.1148.1
GOLANGCI_LINT_VERSION := v2.15.0
OPA_VERSION := v1.22.4
# What the hosted CI installs. `make cfn-lint` takes the cfn-lint that is on the PATH.
CFN_LINT_VERSION := 1.51.0

STACK := FargateWeb
# Where `make synth` writes; .ci/run gives a temporary directory.
OUT := cdk.out

TEST := go test ./...
# The programs that EventDrivenTask and QueueWorker run, modules of their own, which ./... leaves out. They are compiled as their Dockerfiles do.
IMAGES := objectdigest primecount
TEST_IMAGE := go vet ./... && go test ./...
BUILD_IMAGE := go build -trimpath -ldflags=-s -o
# Kubernetes' API server, a module of its own too. Compiling it comes first: the go command ends a test after ten minutes.
KUBERNETES := test/kubernetes
BUILD_KUBERNETES := cd $(KUBERNETES) && go tool -n go.etcd.io/etcd/server/v3 && go tool -n k8s.io/kubernetes/cmd/kube-apiserver && go tool -n k8s.io/kubernetes/cmd/kube-controller-manager
SYNTH := npx --yes aws-cdk@$(CDK_VERSION) synth $(STACK)
# Every stack, also what the app doesn't build by default.
STACKS := FargateWeb,Ec2Web,NlbService,GatewayServices,SharedStorage,Registry,EventDrivenTask,ScheduledTask,QueueWorker,TaskStateAlerts,EksNodes,EksStorage,AppRunnerService,ExpressService
# Warnings of the app or of a construct fail a strict synth.
# Nor may they depend on the day: the constructs warn before the support of a Kubernetes version ends.
TODAY := 2026-11-30
SYNTH_STRICT := npx --yes aws-cdk@$(CDK_VERSION) synth --strict --quiet -c stacks=$(STACKS) -c awscontainers:today=$(TODAY)
SECRET := arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3
PARAMETER := arn:aws:ssm:eu-west-1:111122223333:parameter/shop/token
CERTIFICATE := arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012
# The production profile with HTTPS, alarms, and an image of private ECR by tag and digest.
SYNTH_PROD := -c profile=prod -c $(STACK).domainName=www.example.com -c $(STACK).hostedZoneId=Z0123456789ABCDEFGHIJ \
  -c $(STACK).hostedZoneName=example.com -c $(STACK).alarmEmail=on-call@example.com \
  -c $(STACK).image=111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:1.4.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef \
  -c Ec2Web.certificateArn=$(CERTIFICATE) \
  -c AppRunnerService.image=111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:prod
# All that can be asked for besides; but for a public repository, which takes a stack in us-east-1.
SYNTH_FULL := -c runtimeMonitoring=true -c availabilityZones=eu-west-1a,eu-west-1b,eu-west-1c -c $(STACK).apiImage=public.ecr.aws/nginx/nginx-unprivileged:stable -c $(STACK).deploymentStrategy=CANARY \
  -c $(STACK).testCidrs=203.0.113.0/24 -c $(STACK).migrationCommand=migrate,up -c $(STACK).approval=true -c $(STACK).waf=true -c $(STACK).wafLogs=true -c $(STACK).wafBlockedCountries=AQ,BV -c $(STACK).executeCommand=true -c $(STACK).openTelemetry=true \
  -c $(STACK).directory=test/testdata/web -c $(STACK).cpu=1024 -c $(STACK).memoryMiB=3072 -c $(STACK).minTasks=3 -c $(STACK).maxTasks=12 \
  -c $(STACK).healthCheckPort=8081 -c $(STACK).securityHeaders=true -c $(STACK).connectionLogs=true \
  -c $(STACK).loadBalancingAlgorithm=LEAST_OUTSTANDING_REQUESTS \
  -c $(STACK).environment=LOG_LEVEL=debug,QUERY=a=b -c $(STACK).secrets=DB_PASSWORD=$(SECRET):password,TOKEN=$(PARAMETER) -c $(STACK).command=serve,-v \
  -c Ec2Web.directory=test/testdata/web -c Ec2Web.cpu=512 -c Ec2Web.memoryMiB=1024 -c Ec2Web.minTasks=3 -c Ec2Web.maxTasks=12 \
  -c Ec2Web.environment=LOG_LEVEL=debug -c Ec2Web.secrets=DB_PASSWORD=$(SECRET) -c Ec2Web.command=serve,-v \
  -c NlbService.directory=test/testdata/web -c NlbService.memoryMiB=4096 -c NlbService.minTasks=3 -c NlbService.maxTasks=12 \
  -c NlbService.environment=LOG_LEVEL=debug -c NlbService.secrets=TOKEN=$(PARAMETER) -c NlbService.command=serve,-v \
  -c NlbService.containerInsights=off -c EventDrivenTask.natGateways=none -c EventDrivenTask.containerInsights=enhanced \
  -c ScheduledTask.directory=test/testdata/web -c ScheduledTask.cpu=1024 -c ScheduledTask.environment=LOG_LEVEL=debug \
  -c ScheduledTask.secrets=DB_PASSWORD=$(SECRET):password:AWSCURRENT -c ScheduledTask.command=run,all -c ScheduledTask.writablePaths=/run,/tmp \
  -c EventDrivenTask.directory=test/testdata/web -c EventDrivenTask.memoryMiB=1024 -c EventDrivenTask.environment=LOG_LEVEL=debug \
  -c EventDrivenTask.secrets=DB_PASSWORD=$(SECRET):password -c EventDrivenTask.command=run,all \
  -c Ec2Web.instanceTypes=m7g.large,m6g.large -c Ec2Web.operatingSystem=BOTTLEROCKET -c Ec2Web.networkMode=BRIDGE -c Ec2Web.spotWeight=3 \
  -c Ec2Web.maxSpotInstances=6 -c Ec2Web.protect=true -c Ec2Web.managedTerminationProtection=true -c Ec2Web.detailedMonitoring=true -c Ec2Web.alarmEmail=on-call@example.com \
  -c NlbService.protocol=TLS -c NlbService.certificateArn=$(CERTIFICATE) -c NlbService.crossZone=true -c NlbService.staticIps=true \
  -c NlbService.preserveClientIp=true -c NlbService.endpointPrincipals=arn:aws:iam::111122223333:root -c NlbService.alarmEmail=on-call@example.com \
  -c GatewayServices.directory=test/testdata/web -c GatewayServices.cpu=512 -c GatewayServices.memoryMiB=2048 -c GatewayServices.minTasks=3 \
  -c GatewayServices.maxTasks=12 -c GatewayServices.environment=LOG_LEVEL=debug -c GatewayServices.secrets=TOKEN=$(PARAMETER) \
  -c GatewayServices.command=serve,-v -c GatewayServices.apiImage=public.ecr.aws/nginx/nginx-unprivileged:stable -c GatewayServices.waf=true \
  -c GatewayServices.internal=true -c GatewayServices.ingressCidrs=10.0.0.0/8 -c GatewayServices.alarmEmail=on-call@example.com \
  -c SharedStorage.throughputMode=PROVISIONED -c SharedStorage.provisionedThroughputMiBps=64 -c SharedStorage.transitionToArchiveDays=0 \
  -c EventDrivenTask.keySuffix=.jpg -c EventDrivenTask.alarmEmail=on-call@example.com \
  -c "ScheduledTask.scheduleExpression=cron(0 3 ? * MON-FRI *)" -c ScheduledTask.timeZone=Europe/Berlin -c ScheduledTask.flexibleTimeWindowMinutes=15 \
  -c ScheduledTask.startDate=2190-01-31T00:00:00Z -c ScheduledTask.endDate=2191-01-31T00:00:00Z -c ScheduledTask.preventOverlap=true \
  -c ScheduledTask.alarmEmail=on-call@example.com \
  -c QueueWorker.directory=test/testdata/web -c QueueWorker.cpu=512 -c QueueWorker.memoryMiB=2048 -c QueueWorker.environment=LOG_LEVEL=debug \
  -c QueueWorker.secrets=TOKEN=$(PARAMETER) -c QueueWorker.command=serve,-v -c QueueWorker.minTasks=1 -c QueueWorker.maxTasks=12 \
  -c QueueWorker.messagesPerTask=20 -c QueueWorker.spotPercent=50 -c QueueWorker.visibilityTimeoutSeconds=120 -c QueueWorker.maxReceiveCount=3 \
  -c QueueWorker.encryptionKey=true -c QueueWorker.alarmEmail=on-call@example.com \
  -c Registry.repositoryName=team/web -c Registry.deployedTags=v*,prod -c Registry.mutableTags=latest -c Registry.pullAccounts=444455556666 \
  -c Registry.encryptionKey=true -c Registry.enhancedScanning=true -c Registry.replicationRegions=eu-central-1 -c Registry.cachePrefix=team \
  -c Registry.dockerHubSecretArn=arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-a1b2c3 \
  -c TaskStateAlerts.emails=on-call@example.com -c TaskStateAlerts.httpsEndpoints=https://example.com/hook \
  -c TaskStateAlerts.slackWorkspaceId=T0123ABCDEF -c TaskStateAlerts.slackChannelId=C0123ABCDEF \
  -c TaskStateAlerts.teamsTenantId=01234567-89ab-cdef-0123-456789abcdef -c TaskStateAlerts.teamsTeamId=76543210-89ab-cdef-0123-456789abcdef \
  -c TaskStateAlerts.teamsChannelId=19%3ab6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2 \
  -c EksNodes.version=1.35 -c EksNodes.nodeVersion=1.34 -c EksNodes.amiRelease=LATEST -c EksNodes.forceNodeUpdate=true -c EksNodes.forceUpgrade=true \
  -c EksNodes.kubectlLayer=stacks/settings/testdata/layer.zip -c EksNodes.clusterName=shop -c EksNodes.adminArns=arn:aws:iam::111122223333:role/Admins \
  -c EksNodes.viewerArns=arn:aws:iam::111122223333:role/Developers -c EksNodes.publicAccessCidrs=203.0.113.0/24 -c EksNodes.privateAccessCidrs=10.0.0.0/16 \
  -c EksNodes.instanceTypes=m7g.large,m6g.large -c EksNodes.operatingSystem=BOTTLEROCKET -c EksNodes.spot=true -c EksNodes.albController=true \
  -c EksNodes.prefixDelegation=true -c EksNodes.networkPolicy=true -c EksNodes.extendedSupport=true -c EksNodes.ebs=true \
  -c EksNodes.nodes=MANAGED,SELF_MANAGED,FARGATE -c EksNodes.fargateNamespaces=shop,team-* -c EksNodes.containerInsights=true -c EksNodes.alarmEmail=on-call@example.com \
  -c EksStorage.drivers=EBS,EFS,LUSTRE,ONTAP -c EksStorage.adminArns=arn:aws:iam::111122223333:role/Admins -c EksStorage.publicAccessCidrs=203.0.113.0/24 \
  -c EksStorage.version=1.35 -c EksStorage.kubectlLayer=stacks/settings/testdata/layer.zip -c EksStorage.nodeVersion=1.34 \
  -c EksStorage.instanceTypes=m7g.large -c EksStorage.image=public.ecr.aws/docker/library/alpine:3 \
  -c AppRunnerService.image=111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web:prod -c AppRunnerService.cpu=512 -c AppRunnerService.vpcAccess=true \
  -c AppRunnerService.environment=LOG_LEVEL=debug -c AppRunnerService.secrets=DB_PASSWORD=$(SECRET):password,TOKEN=$(PARAMETER) \
  -c AppRunnerService.privateIngress=true -c AppRunnerService.waf=true -c AppRunnerService.tracing=true -c AppRunnerService.alarmEmail=on-call@example.com \
  -c ExpressService.openTelemetry=true -c ExpressService.alarmEmail=on-call@example.com \
  -c ExpressService.internal=true -c ExpressService.requestsPerTask=500 -c ExpressService.serviceName=shop -c ExpressService.healthCheckPath=/up \
  -c ExpressService.directory=test/testdata/web -c ExpressService.cpu=512 -c ExpressService.memoryMiB=2048 -c ExpressService.minTasks=3 \
  -c ExpressService.maxTasks=12 -c ExpressService.environment=LOG_LEVEL=debug -c ExpressService.secrets=DB_PASSWORD=$(SECRET):password \
  -c ExpressService.command=serve,-v
GOLANGCI_LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
OPA := go run github.com/open-policy-agent/opa@$(OPA_VERSION)
RULES := constructs/rules
# What the engine has beside OPA's own functions, and what tests add to the pack.
BUILTINS := test/rules/builtins.rego test/rules/relations.rego
# W3005: the CDK writes a DependsOn beside a Ref or GetAtt that implies it.
# W3010: a network that names its zones is a choice of who deploys it.
# What AWS has and this version of cfn-lint doesn't know, as the CDK has it.
CFN_LINT_NEWER := test/testdata/cfn-lint
CFN_LINT := cfn-lint --non-zero-exit-code warning --ignore-checks W3005 W3010 \
  --registry-schemas $(CFN_LINT_NEWER)/schemas --override-spec $(CFN_LINT_NEWER)/newer.json --

# No banner about Node 20: its value lists major versions, and any other value ("1", "true") silences nothing.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

# Prints a command, then runs it.
run = @printf '== %s\n' '$(1)' && $(1)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help fmt fmt-check vet lint test test-image test-recipes test-kubernetes test-lifecycle updates copy rename synth cfn-lint snapshots bench bench-smoke newest readme-check ci

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{printf "%-19s%s\n", $$1, $$2}'

fmt: ## Format the Go files (gofmt, and imports grouped by goimports) and the Rego files (opa fmt)
	$(call run,$(GOLANGCI_LINT) fmt)
	$(call run,$(OPA) fmt --write $(RULES) $(BUILTINS))

fmt-check: ## Fail if a Go or Rego file is not formatted
	@printf '== gofmt -l .\n'; \
	files=$$(gofmt -l .) || exit 1; \
	if [ -n "$$files" ]; then printf '%s\nnot formatted: run "make fmt"\n' "$$files" >&2; exit 1; fi
	$(call run,$(OPA) fmt --list --fail $(RULES) $(BUILTINS))

vet: ## go vet, and opa check of the rules
	$(call run,go vet ./...)
	$(call run,go vet -tags recipes ./...)
	$(call run,go vet -tags lifecycle ./test/lifecycle)
	$(call run,$(OPA) check --strict $(RULES) $(BUILTINS))

lint: ## golangci-lint, at the version pinned above
	$(call run,$(GOLANGCI_LINT) run)
	@for image in $(IMAGES); do printf '== cd stacks/%s && $(GOLANGCI_LINT) run\n' "$$image"; (cd "stacks/$$image" && $(GOLANGCI_LINT) run) || exit 1; done
	$(call run,cd $(KUBERNETES) && $(GOLANGCI_LINT) run)

test: ## All tests (they need Node)
	$(call run,$(TEST))

test-image: $(IMAGES:%=test-image-%) ## Vet, test and compile the programs of EventDrivenTask and QueueWorker as their Dockerfiles do, without Docker

test-image-%:
	$(call run,cd stacks/$* && $(TEST_IMAGE))
	@for text in 'CGO_ENABLED=0 GOOS=$$TARGETOS GOARCH=$$TARGETARCH $(BUILD_IMAGE) ' \
	    "/golang:$$(sed -n 's/^go \([0-9]*\.[0-9]*\).*/\1/p' stacks/$*/go.mod)-"; do \
	  grep -qF -- "$$text" stacks/$*/Dockerfile || { printf 'stacks/$*/Dockerfile has no "%s"\n' "$$text" >&2; exit 1; }; \
	done
	$(call run,cd stacks/$* && CGO_ENABLED=0 GOOS=linux GOARCH=arm64 $(BUILD_IMAGE) /dev/null .)
	$(call run,cd stacks/$* && CGO_ENABLED=0 GOOS=linux GOARCH=amd64 $(BUILD_IMAGE) /dev/null .)

# What README.md tells users to do, each in a directory of its own: every stack scaffolded, packages copied out, an app that uses
# the constructs, and all of it under another module path. `make test` only looks at the files that come out. Besides, the cases of the
# rules in every spelling.
TEST_RECIPES := go test -tags recipes -timeout 60m . ./stacks/scaffold ./internal/tool/... ./test ./test/cdktest ./test/eks ./test/overlap ./test/recipes ./test/rules
# What judges the state machine of PreventOverlap, at the versions in its lock file.
OVERLAP_MODULES := cd test/overlap && npm ci --no-audit --no-fund --ignore-scripts
test-recipes: ## Do what README.md describes for apps and copies of one's own, and other long tests (minutes)
	$(call run,$(OVERLAP_MODULES))
	$(call run,$(TEST_RECIPES))

# What an update does to each stack with each context key, by the code behind `cdk diff`, which npm has.
LIFECYCLE := test/lifecycle
TEST_LIFECYCLE := go test -tags lifecycle -timeout 30m ./$(LIFECYCLE)
$(LIFECYCLE)/node_modules/.package-lock.json: $(LIFECYCLE)/package.json $(LIFECYCLE)/package-lock.json
	$(call run,cd $(LIFECYCLE) && npm ci --ignore-scripts --no-audit --no-fund)

test-lifecycle: $(LIFECYCLE)/node_modules/.package-lock.json ## Compare docs/updates.md with what updates of the stacks do (minutes)
	$(call run,$(TEST_LIFECYCLE))

updates: $(LIFECYCLE)/node_modules/.package-lock.json ## Write docs/updates.md anew (read the diff before you commit it)
	$(call run,$(TEST_LIFECYCLE) -run TestUpdates -update)

copy: ## Copy packages into a module of your own: make copy PKG=ecs TO=../mine MODULE=example.com/mine
	@go run ./internal/tool/copy -pkg '$(PKG)' -to '$(TO)' -module '$(MODULE)'

rename: ## Give this module another path: make rename MODULE=github.com/you/awscontainers
	@go run ./internal/tool/rename -module '$(MODULE)'

synth: ## Synthesize every stack, in dev, in production and with all options, strictly, into OUT (cdk.out)
	$(call run,$(SYNTH_STRICT) --output $(OUT)/dev)
	$(call run,$(SYNTH_STRICT) --output $(OUT)/prod $(SYNTH_PROD))
	$(call run,$(SYNTH_STRICT) --output $(OUT)/full $(SYNTH_FULL))

test-kubernetes: synth ## Apply the stacks' Kubernetes objects to a real API server (minutes to compile it, once)
	$(call run,$(BUILD_KUBERNETES))
	$(call run,cd $(KUBERNETES) && TEMPLATES='$(abspath $(OUT))' go test)

cfn-lint: synth ## Check the synthesized templates with cfn-lint, where it is installed
	@if ! command -v cfn-lint >/dev/null; then \
	  echo '== SKIPPED: cfn-lint is not installed, so the templates are not linted'; exit 0; \
	fi; \
	templates=$$(find '$(OUT)/dev' '$(OUT)/prod' '$(OUT)/full' -name '*.template.json' | sort) || exit 1; \
	if [ -z "$$templates" ]; then echo 'no template to lint in $(OUT)' >&2; exit 1; fi; \
	printf '== %s\n' "$(CFN_LINT) $$(echo $$templates)"; $(CFN_LINT) $$templates

snapshots: ## Write the snapshots, then the tables of the READMEs, anew (read the diff before you commit it)
	$(call run,go test -count=1 ./test/stacks/ -run Snapshots -update)
	$(call run,go test -count=1 ./test/ -run Table -update)

BENCH := go run ./test/bench
# More flags for `make bench`: make bench BENCH_FLAGS='-services 1,100 -runs 9'
BENCH_FLAGS :=

bench: ## Time and memory of Go beside JavaScript, for the same resources (minutes)
	$(call run,$(BENCH) $(BENCH_FLAGS))

bench-smoke: ## Prove that both sides of the benchmark still make the same resources (seconds)
	$(call run,$(BENCH) -services 1 -runs 1 -validation=false)

# Builds against the newest CDK in a copy of go.mod, so that nothing of the checkout changes. No checksum of the modules
# below cdklabs can be looked up; go.sum holds those of the version in use.
NEWEST := github.com/aws/aws-cdk-go/awscdk/v2
newest: ## Build against the newest CDK for Go, which CI reports and does not fail on
	@tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	cp go.mod "$$tmp/go.mod" && cp go.sum "$$tmp/go.sum" && \
	printf '== go build ./... with $(NEWEST)@latest\n' && \
	GONOSUMDB='github.com/cdklabs/*' go get -modfile="$$tmp/go.mod" $(NEWEST)@latest && \
	go list -m -modfile="$$tmp/go.mod" $(NEWEST) && \
	GONOSUMDB='github.com/cdklabs/*' go build -mod=mod -modfile="$$tmp/go.mod" ./...

readme-check: ## Fail if README.md shows other commands than CI runs, or a page another version of the CDK CLI
	@for command in '$(SYNTH)' '$(TEST)'; do \
	  printf '== grep -Fx "%s" README.md\n' "$$command"; \
	  grep -qFx -- "$$command" README.md || \
	    { printf 'README.md has no line "%s", which is what CI runs\n' "$$command" >&2; exit 1; }; \
	done; \
	others=$$(grep -rno --include='*.md' --include='*.yml' --include='*.go' 'aws-cdk@[0-9][0-9A-Za-z.-]*' . | grep -v '/node_modules/' | \
	  grep -vF 'aws-cdk@$(CDK_VERSION)'); \
	if [ -n "$$others" ]; then printf 'another CDK CLI than $(CDK_VERSION) is named:\n%s\n' "$$others" >&2; exit 1; fi

ci: ## Everything that CI runs, in its order
	@bash .ci/run

print-%: # make -s print-CFN_LINT_VERSION: one variable's value, for scripts
	@printf '%s\n' '$($*)'
