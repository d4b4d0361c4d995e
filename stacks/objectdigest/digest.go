package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

type digest struct {
	size   int64
	sha256 string
	etag   string
}

// read streams the object, of which no more than a buffer is in memory: objects may be larger than the task.
func read(ctx context.Context, objects *s3.Client, e event) (digest, error) {
	got, err := objects.GetObject(ctx, &s3.GetObjectInput{Bucket: &e.bucket, Key: &e.key})
	if err != nil {
		return digest{}, err
	}
	defer func() { _ = got.Body.Close() }()
	hash := sha256.New()
	size, err := io.Copy(hash, got.Body)
	if err != nil {
		return digest{}, fmt.Errorf("after %d bytes: %w", size, err)
	}
	// Half an object must not look like a whole one. S3 always says the length.
	if length := aws.ToInt64(got.ContentLength); size != length {
		return digest{}, fmt.Errorf("it has %d bytes where S3 said %d", size, length)
	}
	return digest{
		size:   size,
		sha256: hex.EncodeToString(hash.Sum(nil)),
		// HTTP quotes it, S3's events do not.
		etag: strings.Trim(aws.ToString(got.ETag), `"`),
	}, nil
}

var errNewer = errors.New("the result of a newer event is there")

// record writes the result, unless that of a newer event of the same object is there: errNewer.
//
// S3 delivers events at least once, and in any order; for the events of one key, the sequencer says which came later:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html. The page pads the shorter
// one with zeros on the right, then compares the strings. DynamoDB compares strings byte by byte, the shorter one first
// where it is the beginning of the longer: without padding that differs only if nothing but zeros follows. Both then
// name the same event, and whichever stays is right.
//
// An event that comes again finds its own sequencer, and writes the same result.
func record(ctx context.Context, table *dynamodb.Client, e event, d digest) error {
	item := map[string]types.AttributeValue{
		"object": &types.AttributeValueMemberS{Value: e.object()},
		"bucket": &types.AttributeValueMemberS{Value: e.bucket},
		"key":    &types.AttributeValueMemberS{Value: e.key},
		"size":   &types.AttributeValueMemberN{Value: strconv.FormatInt(d.size, 10)},
		"sha256": &types.AttributeValueMemberS{Value: d.sha256},
		"etag":   &types.AttributeValueMemberS{Value: d.etag},
		"at":     &types.AttributeValueMemberS{Value: time.Now().UTC().Format(time.RFC3339)},
	}
	put := &dynamodb.PutItemInput{TableName: &e.table, Item: item}
	if e.sequencer != "" {
		item["sequencer"] = &types.AttributeValueMemberS{Value: e.sequencer}
		// True as well if there is no item, or one that was written without a sequencer.
		put.ConditionExpression = aws.String("attribute_not_exists(#sequencer) OR #sequencer <= :sequencer")
		put.ExpressionAttributeNames = map[string]string{"#sequencer": "sequencer"}
		put.ExpressionAttributeValues = map[string]types.AttributeValue{":sequencer": item["sequencer"]}
	}
	_, err := table.PutItem(ctx, put)
	var refused *types.ConditionalCheckFailedException
	if errors.As(err, &refused) {
		return errNewer
	}
	return err
}
