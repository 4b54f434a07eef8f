// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/inspection.h"

#include <QSet>
#include <QWidget>

#include <memory>

namespace keelson::ui {

/// The members of a ConfigMap or Secret with the beginning of what they hold; a Secret's only once it is asked for.
class ContentList : public QWidget {
    Q_OBJECT
public:
    /// The keys whose contents are open; outlives the list, which is made anew with each change of the object.
    using Opened = std::shared_ptr<QSet<QString>>;

    ContentList(const QVector<Inspection::Content>& contents, const Opened& opened, QWidget* parent = nullptr);
};

} // namespace keelson::ui
