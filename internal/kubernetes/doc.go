// Package kubernetes holds what constructs and the app's settings both know of Kubernetes versions on Amazon EKS. Start
// with [Versions].
package kubernetes
