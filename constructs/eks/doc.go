// Package eks runs containers on Amazon EKS. Start with [NewCluster], which creates a control plane with its add-ons, or with
// [ClusterFrom], which uses an existing cluster; then say what runs pods: [NewManagedNodes], or ClusterProps.AutoMode.
//
//   - Nodes: [NewManagedNodes], [NewSelfManagedNodes] for AMIs of your own, [NewFargateProfile] for pods without nodes.
//   - Access: ClusterProps.AccessEntries for people and roles, [Cluster.PodRole] and [NewPodRole] for the permissions of pods in AWS.
//   - Storage: [NewEbsStorage] for disks, [NewEfsStorage] for shared files, [NewLustreStorage] and [NewOntapStorage] for Amazon FSx;
//     [NewVolumeClaim] claims a volume of one of their classes.
//   - Monitoring: [NewContainerInsights] sends metrics and logs of nodes and pods to CloudWatch, and creates alarms.
//
// Clusters and nodes are connectable, and a [PodRole] is grantable, so constructs of the CDK take them:
//
//	database.Connections().AllowDefaultPortFrom(nodes, nil)
//	bucket.GrantRead(cluster.PodRole("shop", "api"), nil)
//
// Invalid props are refused before anything is created: constructors panic with *invalid.Error, which lists every problem. Validate
// of the props returns the same, except for what only the stack and the cluster's other constructs can tell, without the CDK.
package eks
