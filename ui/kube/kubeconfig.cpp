// SPDX-License-Identifier: GPL-3.0-or-later
#include "kube/kubeconfig.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

namespace keelson::kube {

namespace {

constexpr qint64 fileBytesMax = 4 * 1024 * 1024;

QString text(const api::Value& value, std::initializer_list<std::string_view> path)
{
    const auto found = api::stringAt(value, path);
    return QString::fromUtf8(found.data(), static_cast<qsizetype>(found.size()));
}

std::string quoted(const QString& name)
{
    return "\"" + name.toStdString() + "\"";
}

const api::Value* named(const api::Value& document, std::string_view list, const QString& name)
{
    const auto* entries = api::find(document, {list});
    if (!entries || !entries->is_array())
        return nullptr;
    for (const auto& entry : entries->get_array())
        if (text(entry, {"name"}) == name)
            return &entry;
    return nullptr;
}

Result<QByteArray> readFile(const QString& path)
{
    QFile file(path);
    if (!file.exists())
        return fail(Reason::NotFound, "there is no file " + path.toStdString());
    if (file.size() > fileBytesMax)
        return fail(Reason::BadRequest, path.toStdString() + " is too large to be what it should be");
    if (!file.open(QIODevice::ReadOnly))
        return fail(Reason::BadRequest, "cannot read " + path.toStdString() + ": " + file.errorString().toStdString());
    return file.readAll();
}

} // namespace

QString Kubeconfig::defaultPath()
{
    const auto listed = qEnvironmentVariable("KUBECONFIG").split(QDir::listSeparator(), Qt::SkipEmptyParts);
    for (const auto& path : listed)
        if (QFileInfo::exists(path))
            return path;
    return listed.isEmpty() ? QDir::home().filePath(QStringLiteral(".kube/config")) : listed.first();
}

Result<Kubeconfig> Kubeconfig::load(const QString& path)
{
    TRY_ASSIGN(const auto content, readFile(path));
    auto parsed = parse(content, QFileInfo(path).absolutePath());
    if (!parsed)
        return fail(Reason::BadRequest, path.toStdString() + ": " + parsed.error().message);
    return parsed;
}

Result<Kubeconfig> Kubeconfig::parse(const QByteArray& content, const QString& folder)
{
    Kubeconfig config;
    TRY_ASSIGN(config.m_document,
               api::parseYaml(std::string_view(content.constData(), static_cast<std::size_t>(content.size()))));
    if (!config.m_document.is_object() || !api::find(config.m_document, {"clusters"}))
        return fail(Reason::BadRequest, "this is not a kubeconfig: it has no clusters");
    config.m_folder = folder;
    return config;
}

QStringList Kubeconfig::contexts() const
{
    QStringList names;
    if (const auto* entries = api::find(m_document, {"contexts"}); entries && entries->is_array())
        for (const auto& entry : entries->get_array())
            names << text(entry, {"name"});
    return names;
}

QString Kubeconfig::currentContext() const
{
    const auto marked = text(m_document, {"current-context"});
    if (!marked.isEmpty())
        return marked;
    const auto all = contexts();
    return all.size() == 1 ? all.first() : QString();
}

Result<QByteArray> Kubeconfig::bytes(const api::Value& section, const char* inlined, const char* file) const
{
    if (const auto data = text(section, {inlined}); !data.isEmpty()) {
        const auto decoded = QByteArray::fromBase64Encoding(data.toLatin1(), QByteArray::AbortOnBase64DecodingErrors);
        if (!decoded)
            return fail(Reason::BadRequest, std::string(inlined) + " is not base64");
        return *decoded;
    }
    const auto path = text(section, {file});
    if (path.isEmpty())
        return QByteArray();
    return readFile(QDir(m_folder).absoluteFilePath(path));
}

Result<ClusterAccess> Kubeconfig::access(const QString& wanted) const
{
    ClusterAccess access;
    access.context = wanted.isEmpty() ? currentContext() : wanted;
    if (access.context.isEmpty())
        return fail(Reason::NotFound, "the kubeconfig marks no current context; choose one of its contexts");
    const auto* context = named(m_document, "contexts", access.context);
    if (!context)
        return fail(Reason::NotFound, "the kubeconfig has no context " + quoted(access.context));
    access.cluster = text(*context, {"context", "cluster"});
    access.user = text(*context, {"context", "user"});
    if (const auto space = text(*context, {"context", "namespace"}); !space.isEmpty())
        access.nameSpace = space;

    const auto* entry = named(m_document, "clusters", access.cluster);
    const auto* cluster = entry ? api::find(*entry, {"cluster"}) : nullptr;
    if (!cluster)
        return fail(Reason::NotFound, "context " + quoted(access.context) + " names the cluster " +
                                          quoted(access.cluster) + ", which the kubeconfig does not have");
    access.server = QUrl(text(*cluster, {"server"}));
    if (!access.server.isValid() || access.server.host().isEmpty())
        return fail(Reason::BadRequest, "cluster " + quoted(access.cluster) + " has no usable server address");
    access.tlsServerName = text(*cluster, {"tls-server-name"});
    access.insecure = api::boolAt(*cluster, {"insecure-skip-tls-verify"});
    TRY_ASSIGN(access.caPem, bytes(*cluster, "certificate-authority-data", "certificate-authority"));
    if (const auto file = text(*cluster, {"certificate-authority"});
        !file.isEmpty() && text(*cluster, {"certificate-authority-data"}).isEmpty())
        access.caFile = QDir(m_folder).absoluteFilePath(file);

    if (access.user.isEmpty())
        return access;
    const auto* userEntry = named(m_document, "users", access.user);
    if (!userEntry)
        return fail(Reason::NotFound, "context " + quoted(access.context) + " names the user " + quoted(access.user) +
                                          ", which the kubeconfig does not have");
    if (const auto* user = api::find(*userEntry, {"user"}); user && user->is_object())
        TRY_OK(readUser(*user, access));
    return access;
}

Result<Done> Kubeconfig::readUser(const api::Value& user, ClusterAccess& access) const
{
    if (api::find(user, {"exec"}))
        return fail(Reason::BadRequest, "user " + quoted(access.user) + " signs in with the program " +
                                            quoted(text(user, {"exec", "command"})) +
                                            ", which the workbench does not run; use a client certificate or a token");
    if (api::find(user, {"auth-provider"}))
        return fail(Reason::BadRequest, "user " + quoted(access.user) +
                                            " signs in with an auth provider, which Kubernetes itself has dropped; "
                                            "use a client certificate or a token");
    TRY_ASSIGN(access.certificatePem, bytes(user, "client-certificate-data", "client-certificate"));
    TRY_ASSIGN(access.keyPem, bytes(user, "client-key-data", "client-key"));
    if (access.certificatePem.isEmpty() != access.keyPem.isEmpty())
        return fail(Reason::BadRequest,
                    "user " + quoted(access.user) +
                        " has a client certificate without its key, or a key without its certificate");
    access.token = text(user, {"token"}).toUtf8();
    if (const auto path = text(user, {"tokenFile"}); access.token.isEmpty() && !path.isEmpty()) {
        TRY_ASSIGN(const auto token, readFile(QDir(m_folder).absoluteFilePath(path)));
        access.token = token.trimmed();
    }
    if (const auto name = text(user, {"username"}); !name.isEmpty())
        access.basicAuth = (name + QLatin1Char(':') + text(user, {"password"})).toUtf8();
    return Done{};
}

} // namespace keelson::kube
