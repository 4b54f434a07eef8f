// SPDX-License-Identifier: GPL-3.0-or-later
#include "tracing/lesson_plan.h"

#include "models/read.h"

#include <QCoreApplication>

namespace keelson::ui {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Lesson", text);
}

constexpr std::string_view lessonLabel = "keelson.dev/lesson";
constexpr std::string_view registryImage = "busybox:1.36";

constexpr std::string_view nameSpaceText = R"(
apiVersion: v1
kind: Namespace
metadata:
  labels: {keelson.dev/lesson: apply-to-ready}
)";

constexpr std::string_view serviceText = R"(
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: http}]
)";

// Without rights that it does not need, so that strict clusters let it in as well.
constexpr std::string_view deploymentText = R"yaml(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      terminationGracePeriodSeconds: 1
      securityContext:
        runAsNonRoot: true
        runAsUser: 65534
        seccompProfile: {type: RuntimeDefault}
      containers:
        - name: web
          command:
            - sh
            - -c
            - mkdir -p /tmp/www && echo "Hello from $(hostname)" >/tmp/www/index.html && exec httpd -f -p 8080 -h /tmp/www
          ports: [{name: http, containerPort: 8080}]
          readinessProbe:
            httpGet: {path: /, port: http}
            periodSeconds: 1
          resources:
            requests: {cpu: 10m, memory: 8Mi}
            limits: {memory: 32Mi}
          securityContext:
            allowPrivilegeEscalation: false
            capabilities: {drop: [ALL]}
)yaml";

LessonObject objectOf(std::string_view text, const QString& collection, const QString& nameSpace, const QString& image)
{
    auto document = api::parseYaml(text).value();
    const auto kind = textAt(document, {"kind"});
    auto& metadata = document.as_object()["metadata"].as_object();
    const bool isNameSpace = kind == QLatin1String("Namespace");
    metadata[isNameSpace ? "name" : "namespace"] = nameSpace.toStdString();
    if (!image.isEmpty()) {
        auto& pod = document.as_object()["spec"].as_object()["template"].as_object()["spec"].as_object();
        pod["containers"].as_array().front().as_object()["image"] = image.toStdString();
    }
    return {.what = kind + QLatin1Char(' ') + textAt(document, {"metadata", "name"}),
            .collection = collection,
            .manifest = QByteArray::fromStdString(api::writeJson(document))};
}

/// Whether the image is a busybox: it has sh and httpd.
bool isFitting(std::string_view image)
{
    const auto slash = image.rfind('/');
    const auto name = slash == std::string_view::npos ? image : image.substr(slash + 1);
    return name.starts_with("busybox:") || image.starts_with("keelson/sample:");
}

} // namespace

QString lessonNameSpace(int attempt)
{
    const auto name = QStringLiteral("keelson-lesson");
    return attempt <= 1 ? name : QStringLiteral("%1-%2").arg(name).arg(attempt);
}

bool isOfLesson(const api::Value& nameSpace)
{
    return !api::stringAt(nameSpace, {"metadata", "labels", lessonLabel}).empty();
}

QVector<LessonObject> lessonObjects(const QString& nameSpace, const QString& image)
{
    const auto inside = QStringLiteral("%1/namespaces/%2/%3");
    return {
        objectOf(nameSpaceText, QStringLiteral("/api/v1/namespaces"), nameSpace, {}),
        objectOf(serviceText, inside.arg(QStringLiteral("/api/v1"), nameSpace, QStringLiteral("services")), nameSpace,
                 {}),
        objectOf(deploymentText, inside.arg(QStringLiteral("/apis/apps/v1"), nameSpace, QStringLiteral("deployments")),
                 nameSpace, image),
    };
}

QStringList lessonImages(const std::vector<api::Value>& nodes, const std::vector<api::Value>& pods)
{
    QStringList images;
    const auto add = [&images](std::string_view image) {
        if (isFitting(image) && !images.contains(toText(image)))
            images << toText(image);
    };
    for (const auto& pod : pods) {
        if (api::stringAt(pod, {"status", "phase"}) == "Running")
            for (const auto& container : listAt(pod, {"spec", "containers"}))
                add(api::stringAt(container, {"image"}));
    }
    for (const auto& node : nodes)
        for (const auto& image : listAt(node, {"status", "images"}))
            for (const auto& name : listAt(image, {"names"}))
                if (name.is_string())
                    add(std::string_view(name.get_string()));
    add(registryImage);
    return images;
}

QString lessonAdvice(const Error& error)
{
    switch (error.reason) {
    case Reason::Forbidden:
        return tr(
            "Your user may not do this here. Ask who looks after the cluster, or start one of your own: Clusters, "
            "then “Create local cluster”.");
    case Reason::Unauthorized:
        return tr(
            "The cluster does not know you any more: the certificate or token of the kubeconfig may have expired. "
            "Get a new one and open the cluster again.");
    case Reason::Timeout:
    case Reason::ServerTimeout:
    case Reason::ServiceUnavailable:
        return tr("The cluster does not answer. When the line below says Connected again, try again.");
    case Reason::Invalid:
    case Reason::BadRequest:
        return tr("The cluster's rules do not let this in. What is wrong stands above; the image is all that you can "
                  "choose.");
    default:
        return {};
    }
}

} // namespace keelson::ui
