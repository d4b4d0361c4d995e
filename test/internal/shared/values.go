package shared

// Values that AWS accepts.
const (
	PublicImage         = "public.ecr.aws/nginx/nginx-unprivileged:stable"
	CertificateArn      = "arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
	AppRunnerConnection = "arn:aws:apprunner:eu-west-1:111122223333:connection/github/0123456789abcdef0123456789abcdef"
	TeamsTenant         = "01234567-89ab-cdef-0123-456789abcdef"
	TeamsTeam           = "76543210-89ab-cdef-0123-456789abcdef"
	TeamsChannel        = "19%3ab6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2"
)

// ExpressType is the type of a service of ECS Express Mode.
const ExpressType = "AWS::ECS::ExpressGatewayService"
