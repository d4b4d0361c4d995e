// Package notice writes what EventBridge rules tell people: sentences for email, custom notifications for chats. Start with [Notice].
package notice
