// Package storage creates file systems that containers share: Amazon EFS, Amazon FSx for Lustre and Amazon FSx for NetApp
// ONTAP. Files outlive tasks, and every task sees the same ones. Start with [NewEfsFileSystem], which fits most uses; use
// [NewLustre] for training and simulation, and [NewOntap] for block devices and NetApp's features. For file systems that exist
// already, use [EfsFileSystemFrom], [EfsAccessPointFrom], [LustreFrom] and [OntapFrom].
//
// A new file system accepts no connections. [EfsFileSystem.AllowFrom], [Lustre.AllowFrom] and [Ontap.AllowFrom] open its ports
// to clients. EFS also asks for IAM permissions: [EfsFileSystem.GrantRead], [EfsFileSystem.GrantReadWrite] and the same methods
// of an access point. A volume of package ecs does both for its task and service. FSx knows no roles: whatever reaches a
// file system may mount it.
package storage
