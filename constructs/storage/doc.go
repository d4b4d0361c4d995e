// Package storage makes file systems that containers share: Amazon EFS. Files live on when tasks end, and every task sees the
// same ones.
//
// A file system lets nobody in by itself: [EfsFileSystem.Grant] gives the right to mount to a role, and
// [EfsFileSystem.AllowFrom] opens the port to a security group. A volume of package ecs does both for its task and service.
package storage
