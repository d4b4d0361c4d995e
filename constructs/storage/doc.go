// Package storage makes file systems that containers share: Amazon EFS, Amazon FSx for Lustre and Amazon FSx for NetApp ONTAP. Files
// live on when tasks end, and every task sees the same ones.
//
// A file system lets nobody in by itself: [EfsFileSystem.Grant] gives the right to mount to a role, and
// [EfsFileSystem.AllowFrom] opens the port to a security group. A volume of package ecs does both for its task and service.
// File systems of FSx know no roles: who reaches them may mount, and [Lustre.AllowFrom], [Ontap.AllowNfsFrom] and others say who that is.
package storage
