// Package eks runs containers on Amazon EKS:
//
//   - a [Cluster] is the control plane, who may use it, and the add-ons that every cluster needs;
//   - [ManagedNodes], [SelfManagedNodes] and [FargateProfile] are where pods run, or the cluster's Auto Mode is;
//   - [Cluster.PodRole] gives pods permissions in AWS;
//   - [ContainerInsights] tells CloudWatch of nodes and pods.
//
// Wrong props are refused before anything is made: constructors panic with *invalid.Error, which names every problem.
package eks
