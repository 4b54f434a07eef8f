// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "editor/manifest_check.h"
#include "kube/api_client.h"
#include "models/cluster.h"

#include <QTimer>
#include <QWidget>

class QLabel;
class QPushButton;
class QStackedLayout;

namespace keelson::ui {

class Banner;
class YamlView;

/// One object as text: checked as one types, compared with what is live, and applied after the server has tried it.
///
/// Applying: the server's dry run, then the difference that it would make, then, when the user says so, the change.
class YamlTab : public QWidget {
    Q_OBJECT
public:
    /// An existing object; or, with a null `item`, a new one from a template.
    YamlTab(Cluster& cluster, const ItemPtr& item, QWidget* parent = nullptr);

    YamlView* editor() const { return m_editor; }
    QString text() const;
    void setText(const QString& text);
    bool isLoaded() const { return m_isLoaded; }
    bool isEdited() const { return m_isLoaded && text() != m_live; }
    const QVector<ManifestProblem>& problems() const { return m_problems; }
    bool isComparing() const; ///< The difference is shown, and waits for a yes.

    void apply();        ///< Dry run; then the difference is shown.
    void confirmApply(); ///< Carries out what was shown.
    void showDiff();     ///< Against what is live now.
    void backToText();

signals:
    void applied(const QString& what);
    void problemsChanged();

private:
    QWidget* buildBar();
    void load();
    void check();
    void checked(quint64 round, const ManifestReport& report);
    void send(bool dryRun, const kube::ApiClient::Answer& answer);
    void refreshButtons();

    Cluster& m_cluster;
    ItemPtr m_item;
    YamlView* m_editor;
    YamlView* m_diff;
    QStackedLayout* m_stack;
    Banner* m_banner;
    QLabel* m_state;
    QPushButton* m_apply;
    QPushButton* m_compare;
    QPushButton* m_reload;
    QTimer m_checkTimer;
    quint64 m_round = 0;
    QVector<ManifestProblem> m_problems;
    ManifestReport m_report;
    QString m_live;
    bool m_isLoaded = false;
    bool m_isProven = false; ///< The server's dry run accepted exactly this text.
};

/// An object as people want to read it: YAML without managed fields.
QString readableYaml(const api::Value& object);

} // namespace keelson::ui
