// SPDX-License-Identifier: GPL-3.0-or-later
#include "kube/transport.h"

#include <boost/json/parse.hpp>

#include <QSslCertificate>
#include <QSslError>
#include <QSslKey>

#include <algorithm>
#include <array>

namespace keelson::kube {

namespace {

constexpr auto authorityAttribute = QNetworkRequest::User;

QSslKey readKey(const QByteArray& pem)
{
    for (const auto algorithm : {QSsl::Rsa, QSsl::Ec, QSsl::Dsa})
        if (QSslKey key(pem, algorithm, QSsl::Pem, QSsl::PrivateKey); !key.isNull())
            return key;
    return {};
}

/// What the server's certificate is checked against.
QString authorityOf(const ClusterAccess& access)
{
    if (access.caPem.isEmpty())
        return QStringLiteral("this system's authorities, as the kubeconfig names none for cluster \"%1\"")
            .arg(access.cluster);
    if (!access.caFile.isEmpty())
        return access.caFile;
    return QStringLiteral("certificate-authority-data of cluster \"%1\" in the kubeconfig").arg(access.cluster);
}

/// Whether OpenSSL knows the certificate's issuer not at all, rather than finding a fault in the certificate.
bool isOfAnotherAuthority(const QNetworkReply& reply)
{
    const auto said = reply.errorString();
    return std::ranges::any_of(
        std::array{QSslError::UnableToGetLocalIssuerCertificate, QSslError::UnableToGetIssuerCertificate,
                   QSslError::UnableToVerifyFirstCertificate, QSslError::SelfSignedCertificate,
                   QSslError::SelfSignedCertificateInChain, QSslError::CertificateSignatureFailed},
        [&](QSslError::SslError code) { return said.contains(QSslError(code).errorString()); });
}

Error handshakeError(const QNetworkReply& reply, const std::string& host)
{
    const auto said = reply.errorString().toStdString();
    if (!isOfAnotherAuthority(reply))
        return makeError(Reason::Unauthorized, "no trusted connection to " + host + ": " + said);
    const auto authority = reply.request().attribute(authorityAttribute).toString().toStdString();
    return makeError(Reason::Unauthorized,
                     "no trusted connection to " + host + ": its certificate is of another authority than the one " +
                         "that is trusted here (" + authority + "). Take the kubeconfig of the cluster that is there " +
                         "now, or put its authority's certificate there (" + said + ")");
}

Error connectionError(const QNetworkReply& reply, bool deadlinePassed)
{
    const auto host = reply.url().authority().toStdString();
    if (deadlinePassed)
        return makeError(Reason::Timeout, host + " did not answer in time");
    switch (reply.error()) {
    case QNetworkReply::ConnectionRefusedError:
        return makeError(Reason::ServiceUnavailable, "nothing listens at " + host + " (connection refused)");
    case QNetworkReply::HostNotFoundError:
        return makeError(Reason::ServiceUnavailable, "there is no host " + reply.url().host().toStdString());
    case QNetworkReply::SslHandshakeFailedError:
        return handshakeError(reply, host);
    case QNetworkReply::OperationCanceledError:
        return makeError(Reason::Timeout, "the call to " + host + " was cancelled");
    case QNetworkReply::RemoteHostClosedError:
        return makeError(Reason::ServiceUnavailable, host + " closed the connection");
    default:
        return makeError(Reason::ServiceUnavailable, host + ": " + reply.errorString().toStdString());
    }
}

} // namespace

Endpoint::Endpoint(ClusterAccess access) : m_access(std::move(access))
{
    if (m_access.server.scheme() == QLatin1String("https"))
        prepareTls();
}

void Endpoint::prepareTls()
{
    m_tls = QSslConfiguration::defaultConfiguration();
    m_tls.setAllowedNextProtocols({QByteArrayLiteral("http/1.1")});
    if (m_access.insecure)
        m_tls.setPeerVerifyMode(QSslSocket::VerifyNone);
    if (!m_access.caPem.isEmpty()) {
        const auto authorities = QSslCertificate::fromData(m_access.caPem, QSsl::Pem);
        if (authorities.isEmpty()) {
            m_problem = std::make_unique<Error>(
                makeError(Reason::BadRequest, "the certificate authority in the kubeconfig cannot be read"));
            return;
        }
        m_tls.setCaCertificates(authorities);
    }
    if (m_access.certificatePem.isEmpty())
        return;
    const auto chain = QSslCertificate::fromData(m_access.certificatePem, QSsl::Pem);
    const auto key = readKey(m_access.keyPem);
    if (chain.isEmpty() || key.isNull()) {
        m_problem = std::make_unique<Error>(makeError(
            Reason::BadRequest, std::string("the client ") + (chain.isEmpty() ? "certificate" : "key") + " of user \"" +
                                    m_access.user.toStdString() + "\" cannot be read (RSA and EC in PEM are known)"));
        return;
    }
    m_tls.setLocalCertificateChain(chain);
    m_tls.setPrivateKey(key);
}

QNetworkRequest Endpoint::request(const Request& call) const
{
    QUrl url = m_access.server;
    auto base = url.path();
    while (base.endsWith(QLatin1Char('/')))
        base.chop(1);
    url.setPath(base + call.path);
    url.setQuery(call.query);
    QNetworkRequest request(url);
    request.setRawHeader("Accept", call.accept);
    request.setRawHeader("User-Agent", "keelson/0.1");
    if (!call.body.isEmpty())
        request.setRawHeader("Content-Type", call.contentType);
    if (!m_access.token.isEmpty())
        request.setRawHeader("Authorization", "Bearer " + m_access.token);
    else if (!m_access.basicAuth.isEmpty())
        request.setRawHeader("Authorization", "Basic " + m_access.basicAuth.toBase64());
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    request.setAttribute(QNetworkRequest::CacheSaveControlAttribute, false);
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false); // a feed has a connection of its own
    if (url.scheme() == QLatin1String("https")) {
        request.setSslConfiguration(m_tls);
        request.setAttribute(authorityAttribute, authorityOf(m_access));
        if (!m_access.tlsServerName.isEmpty())
            request.setPeerVerifyName(m_access.tlsServerName);
    }
    return request;
}

Error errorFromStatus(const api::Value& status, int httpStatusCode)
{
    Error error;
    const auto code = static_cast<int>(api::integerAt(status, {"code"}, httpStatusCode));
    const auto reason = api::stringAt(status, {"reason"});
    error.reason = reason.empty() ? reasonFromHttpStatus(code) : reasonFromName(reason);
    error.message = std::string(api::stringAt(status, {"message"}));
    error.retryAfterSeconds = static_cast<int>(api::integerAt(status, {"details", "retryAfterSeconds"}));
    error.group = std::string(api::stringAt(status, {"details", "group"}));
    error.resource = std::string(api::stringAt(status, {"details", "kind"}));
    error.name = std::string(api::stringAt(status, {"details", "name"}));
    if (const auto* causes = api::find(status, {"details", "causes"}); causes && causes->is_array())
        for (const auto& cause : causes->get_array())
            error.causes.push_back({std::string(api::stringAt(cause, {"reason"})),
                                    std::string(api::stringAt(cause, {"message"})),
                                    std::string(api::stringAt(cause, {"field"}))});
    return error;
}

Result<Response> readReply(QNetworkReply& reply, const QByteArray& body, bool deadlinePassed)
{
    Response response;
    response.status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (response.status == 0 || deadlinePassed)
        return fail(connectionError(reply, deadlinePassed));
    response.text = body;
    const auto type = reply.header(QNetworkRequest::ContentTypeHeader).toByteArray();
    if (type.contains("json") && !body.isEmpty()) {
        boost::json::error_code failure;
        auto document = boost::json::parse({body.constData(), static_cast<std::size_t>(body.size())}, failure);
        if (failure && response.status < 300)
            return fail(Reason::InternalError,
                        reply.url().authority().toStdString() + " sent a reply that is not JSON");
        if (!failure)
            response.document = std::make_shared<const api::Value>(std::move(document));
    }
    if (response.status < 300)
        return response;
    if (response.document && api::stringAt(*response.document, {"kind"}) == "Status")
        return fail(errorFromStatus(*response.document, response.status));
    auto said = body.left(300).trimmed().toStdString();
    return fail(reasonFromHttpStatus(response.status),
                said.empty() ? "the server answered " + std::to_string(response.status) : said);
}

} // namespace keelson::kube
