// SPDX-License-Identifier: GPL-3.0-or-later
#include "localcluster/kubeconfig_merge.h"

#include "api/value.h"

#include <QDir>
#include <QFileInfo>
#include <QSaveFile>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace keelson::localcluster {
namespace {

constexpr std::array sections{"clusters", "users", "contexts"};

Result<api::Value> readKubeconfig(const QByteArray& text)
{
    if (text.trimmed().isEmpty())
        return api::Value(api::Object{{"apiVersion", "v1"}, {"kind", "Config"}});
    auto document = api::parseYaml(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
    if (!document)
        return fail(Reason::BadRequest, document.error().message);
    if (!document->is_object() || (document->as_object().contains("clusters") && !api::find(*document, {"clusters"})))
        return fail(Reason::BadRequest, "it is no kubeconfig");
    if (const auto kind = api::stringAt(*document, {"kind"}); !kind.empty() && kind != "Config")
        return fail(Reason::BadRequest, "it is no kubeconfig");
    return *std::move(document);
}

bool isCalled(const api::Value& entry, const std::string& name)
{
    return api::stringAt(entry, {"name"}) == name;
}

/// The section's list; made when it is missing or null.
Result<api::Array*> sectionOf(api::Value& document, const char* name)
{
    auto& section = document.as_object()[name];
    if (section.is_null())
        section = api::Array{};
    if (!section.is_array())
        return fail(Reason::BadRequest, fmt::format("its member {} is no list", name));
    return &section.as_array();
}

/// The first entry of a section of our own kubeconfig, under the new name.
Result<api::Value> renamed(const api::Value& ours, const char* section, const std::string& name)
{
    const auto* list = api::find(ours, {section});
    if (!list || !list->is_array() || list->as_array().empty() || !list->as_array()[0].is_object())
        return fail(Reason::BadRequest, fmt::format("the cluster's kubeconfig has no {}", section));
    api::Value entry = list->as_array()[0];
    entry.as_object()["name"] = name;
    if (std::string_view(section) == "contexts") {
        auto& context = api::objectAt(entry, {"context"});
        context["cluster"] = name;
        context["user"] = name;
    }
    return entry;
}

QByteArray toBytes(const api::Value& document)
{
    return QByteArray::fromStdString(api::writeYaml(document));
}

} // namespace

Result<QByteArray> mergeKubeconfig(const QByteArray& existing, const QByteArray& ours, const QString& name)
{
    const auto called = name.toStdString();
    TRY_ASSIGN(auto document, readKubeconfig(existing));
    TRY_ASSIGN(const auto cluster, readKubeconfig(ours));
    for (const auto* section : sections) {
        TRY_ASSIGN(auto* list, sectionOf(document, section));
        TRY_ASSIGN(auto entry, renamed(cluster, section, called));
        const auto old = std::ranges::find_if(*list, [&](const api::Value& value) { return isCalled(value, called); });
        if (old != list->end())
            *old = std::move(entry);
        else
            list->push_back(std::move(entry));
    }
    document.as_object()["current-context"] = called;
    return toBytes(document);
}

Result<QByteArray> dropFromKubeconfig(const QByteArray& existing, const QString& name)
{
    const auto called = name.toStdString();
    TRY_ASSIGN(auto document, readKubeconfig(existing));
    for (const auto* section : sections) {
        TRY_ASSIGN(auto* list, sectionOf(document, section));
        for (auto at = list->begin(); at != list->end();)
            at = isCalled(*at, called) ? list->erase(at) : at + 1;
    }
    if (api::stringAt(document, {"current-context"}) == called)
        document.as_object()["current-context"] = "";
    return toBytes(document);
}

QString kubeconfigPath()
{
    const auto paths = qEnvironmentVariable("KUBECONFIG").split(QDir::listSeparator(), Qt::SkipEmptyParts);
    return paths.isEmpty() ? QDir::homePath() + QStringLiteral("/.kube/config") : paths.first();
}

Result<Done> writePrivateFile(const QString& path, const QByteArray& content)
{
    const QFileInfo info(path);
    const auto target = info.isSymLink() ? info.symLinkTarget() : path;
    if (!QDir().mkpath(QFileInfo(target).absolutePath()))
        return fail(Reason::InternalError, fmt::format("cannot make the folder of {}", target.toStdString()));
    QSaveFile file(target);
    // commit() alone does not look whether the buffer reached the disk: a full one would leave the file empty.
    const bool written = file.open(QIODevice::WriteOnly) &&
                         file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner) &&
                         file.write(content) == content.size() && file.flush() && file.commit();
    if (!written)
        return fail(Reason::InternalError,
                    fmt::format("cannot write {}: {}", target.toStdString(), file.errorString().toStdString()));
    return Done{};
}

} // namespace keelson::localcluster
