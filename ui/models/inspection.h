// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/item.h"

#include <QPair>

namespace keelson::ui {

/// What the inspector says of one object, in its order. A value: it is shown again only when it differs.
struct Inspection {
    using Line = QPair<QString, QString>; ///< What, and its value.

    struct Condition {
        QString type;
        StatusRole role = StatusRole::Unknown;
        QString words; ///< Reason and message, or what it being true means.
        bool operator==(const Condition&) const = default;
    };
    struct Container {
        QString name, image, state;
        StatusRole role = StatusRole::Unknown;
        QVector<Line> lines;
        bool operator==(const Container&) const = default;
    };

    /// A member of a ConfigMap or Secret.
    struct Content {
        QString key;
        QString text; ///< Its beginning; empty: it is no text, or nothing.
        qint64 bytes = 0;
        bool isHidden = false; ///< Shown only when the user wants it.
        bool isWhole = true;
        bool operator==(const Content&) const = default;
    };

    Status status;
    QVector<Line> facts;
    QVector<Content> contents;
    QVector<Container> containers;
    QVector<Condition> conditions;
    QVector<Line> metadata;

    bool operator==(const Inspection&) const = default;
};

/// Pure: reads a whole object of that kind.
Inspection inspect(const KindInfo& kind, const api::Value& object);

} // namespace keelson::ui
