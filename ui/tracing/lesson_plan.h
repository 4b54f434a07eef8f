// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "api/value.h"
#include "base/error.h"

#include <QByteArray>
#include <QString>
#include <QStringList>
#include <QVector>

#include <vector>

namespace keelson::ui {

/// Pods that the lesson asks for: two, so that there is a choice of nodes and something to balance.
inline constexpr int lessonPods = 2;
/// Namespaces that are tried before the lesson gives up: one of that name may be somebody else's.
inline constexpr int lessonNameSpacesMax = 9;

/// An object that the lesson makes.
struct LessonObject {
    QString what;        ///< "Namespace keelson-lesson"
    QString collection;  ///< Where it is posted to.
    QByteArray manifest; ///< JSON.
};

/// "keelson-lesson", "keelson-lesson-2": the first is attempt 1.
QString lessonNameSpace(int attempt);
/// Whether an earlier lesson made this namespace.
bool isOfLesson(const api::Value& nameSpace);
/// A namespace, a Service and a Deployment of two small web servers, in the order in which they are made.
QVector<LessonObject> lessonObjects(const QString& nameSpace, const QString& image);

/// Images with the shell and the web server that the lesson runs, the best first: those that are on a node already (as
/// nodes and running pods tell), then those that a registry has. Never empty.
QStringList lessonImages(const std::vector<api::Value>& nodes, const std::vector<api::Value>& pods);

/// What somebody new can do about a refusal of the server; empty: its message says enough.
QString lessonAdvice(const Error& error);

} // namespace keelson::ui
