// Package registry is about container images: where they come from, and where they are kept. Start with [Image], which
// everything that runs containers takes, and which grants just what pulling the image needs. Get one from [FromRegistry],
// [FromRepository], [FromEcrRepository], [FromPullThroughCache] or [FromAsset].
//
// [NewRepository] creates a private ECR repository whose lifecycle rules never expire what is deployed, [NewPullThroughCache] a
// cache of another registry. For those that exist already, use [RepositoryFrom] and [PullThroughCacheFrom].
package registry
