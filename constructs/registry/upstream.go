package registry

// Upstream is a registry whose images ECR can cache, by the name that ECR has for it.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html
type Upstream string

// The registries that ECR can cache. Another private ECR, whose rule has a role of its own, and Chainguard are not here.
const (
	// EcrPublic is public.ecr.aws.
	EcrPublic Upstream = "ecr-public"
	// Kubernetes is registry.k8s.io.
	Kubernetes Upstream = "k8s"
	// Quay is quay.io.
	Quay Upstream = "quay"
	// DockerHub is docker.io, which wants credentials.
	DockerHub Upstream = "docker-hub"
	// GitHub is ghcr.io, which wants credentials.
	GitHub Upstream = "github-container-registry"
	// GitLab is registry.gitlab.com, which wants credentials.
	GitLab Upstream = "gitlab-container-registry"
	// Azure is one of Azure's, which has a host of its own and wants credentials.
	Azure Upstream = "azure-container-registry"
)

// upstreams are what is known of them. host is "" where the user must say it.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
var upstreams = map[Upstream]struct {
	host, prefix, example string
	credentials           bool
}{
	EcrPublic:  {"public.ecr.aws", "ecr-public", "nginx/nginx:1.27", false},
	Kubernetes: {"registry.k8s.io", "kubernetes", "pause:3.10", false},
	Quay:       {"quay.io", "quay", "prometheus/prometheus:v3.1.0", false},
	DockerHub:  {"registry-1.docker.io", "docker-hub", "library/nginx:1.27", true},
	GitHub:     {"ghcr.io", "github", "owner/image:1.4.2", true},
	GitLab:     {"registry.gitlab.com", "gitlab", "group/project:1.4.2", true},
	Azure:      {"", "azure", "team/web:1.4.2", true},
}

// Prefix returns the default of PullThroughCacheProps.RepositoryPrefix.
func (u Upstream) Prefix() string { return upstreams[u].prefix }

// NeedsCredentials reports whether ECR needs credentials to pull from it, so that PullThroughCacheProps.CredentialArn is required.
func (u Upstream) NeedsCredentials() bool { return upstreams[u].credentials }
