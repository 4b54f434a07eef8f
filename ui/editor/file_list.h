// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "editor/manifest_session.h"

#include <QListWidget>

#include <map>

namespace keelson::ui {

/// The open manifests, a row each: whether it has errors, its name, and a dot when it is edited.
class FileList : public QListWidget {
    Q_OBJECT
public:
    explicit FileList(QWidget* parent = nullptr);

    void add(const Manifest& manifest);
    void remove(quint64 id);
    void refresh(const Manifest& manifest);
    void setErrors(const std::map<quint64, int>& errors);
    void setCurrent(quint64 id); ///< Without telling anybody.

signals:
    void chosen(quint64 id);

private:
    QListWidgetItem* itemOf(quint64 id) const;
};

} // namespace keelson::ui
